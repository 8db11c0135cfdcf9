//! The SMTP transport against servers that misbehave.

use std::time::Duration;

use backupmon::config::{self, Mail, MailTransport, Secret, Tls};
use backupmon::domain::settings::Span;
use backupmon::notify::smtp::{Patience, Smtp};
use backupmon::notify::{SendError, send_test};

use crate::misbehaving::{Fault, Server};
use crate::world::{ADA, GRACE, World, mail_over, start};

pub fn mail(port: u16, tls: Tls) -> Mail {
    Mail {
        language: None,
        transport: MailTransport::Smtp,
        host: "localhost".to_owned(),
        port,
        tls,
        username: None,
        password: None,
        from: "backupmon@example.org".to_owned(),
        to: vec![ADA.to_owned()],
        gap: Span::hours(1),
        digest: config::Digest::Never,
        learning_until: None,
    }
}

/// Long enough for a loaded machine where nothing hangs.
fn patient() -> Patience {
    let long = Duration::from_secs(30);
    Patience { step: long, total: long, farewell: long }
}

/// A world whose mails go to `server`.
fn world(server: &Server, patience: Patience) -> World {
    let mut world = World::new();
    world.channels = mail_over(Smtp::new(&mail(server.port, Tls::None), patience));
    world.raise("A", "one", "no_report");
    world
}

fn send_one(mail: &Mail, patience: Patience) -> Result<(), SendError> {
    send_test(&mail_over(Smtp::new(mail, patience)), ADA, start())
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let server = Server::start(Fault::NoBanner, &[]);
    let patience = Patience { step: Duration::from_millis(100), ..patient() };
    let error = send_one(&mail(server.port, Tls::None), patience).unwrap_err();
    assert!(!error.permanent && error.everyone);
    assert!(error.message.ends_with("the server did not answer in time"), "{error}");
}

#[test]
fn a_server_that_drips_is_given_up_at_the_total_deadline() {
    let server = Server::start(Fault::Drip, &[]);
    let patience = Patience { total: Duration::from_millis(200), ..patient() };
    let error = send_one(&mail(server.port, Tls::None), patience).unwrap_err();
    assert!(!error.permanent && error.everyone);
    assert_eq!(error.message, "no end of the conversation within 200ms");
}

#[test]
fn a_server_that_never_ends_its_line_is_given_up_at_the_total_deadline_too() {
    let server = Server::start(Fault::EndlessLine, &[]);
    let patience = Patience { total: Duration::from_millis(200), ..patient() };
    let error = send_one(&mail(server.port, Tls::None), patience).unwrap_err();
    assert!(!error.permanent && error.everyone);
    assert_eq!(error.message, "no end of the conversation within 200ms");
}

#[test]
fn a_busy_server_is_tried_again_and_a_refused_content_is_refused_for_good() {
    for (fault, permanent, code) in [(Fault::BusyAtData, false, "421"), (Fault::ContentRefused, true, "554")]
    {
        let server = Server::start(fault, &[]);
        let error = send_one(&mail(server.port, Tls::None), patient()).unwrap_err();
        assert_eq!((error.permanent, error.everyone), (permanent, false), "{error}");
        assert!(error.message.contains(code), "{error}");
    }
}

#[test]
fn a_port_where_nobody_listens_concerns_everyone_and_can_be_tried_again() {
    let closed = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let mut mail = mail(closed, Tls::None);
    mail.host = "127.0.0.1".to_owned();
    let error = send_test(&mail_over(Smtp::new(&mail, patient())), ADA, start()).unwrap_err();
    assert!(!error.permanent && error.everyone, "{error:?}");
    assert!(error.message.contains(&format!("127.0.0.1:{closed}")), "{error}");
}

#[test]
fn an_answer_that_was_lost_after_the_final_dot_repeats_the_same_mail() {
    let server = Server::start(Fault::DropAfterDotOnce, &[]);
    let mut world = world(&server, patient());
    let delivery = world.run();
    assert_eq!((delivery.failed, delivery.waiting), (1, 1), "{delivery:?}");
    assert_eq!(world.wait(1).run().sent, 1);
    server.seen(|seen| {
        assert_eq!(seen.messages.len(), 2);
        assert_eq!(seen.messages[0], seen.messages[1]);
        assert!(String::from_utf8_lossy(&seen.messages[0]).contains("Message-ID: <"));
    });
}

#[test]
fn one_refused_recipient_of_two_hinders_not_the_other() {
    let server = Server::start(Fault::None, &["ada@"]);
    let mut world = world(&server, patient());
    world.book.default.push(GRACE.to_owned());
    let delivery = world.run();
    assert_eq!((delivery.sent, delivery.failed, delivery.waiting), (1, 1, 1), "{delivery:?}");
    assert!(
        delivery.errors[0].starts_with("ada@example.org: ") && delivery.errors[0].contains("550"),
        "{delivery:?}"
    );
    server.seen(|seen| {
        assert_eq!(seen.messages.len(), 1);
        assert!(String::from_utf8_lossy(&seen.messages[0]).contains("grace@example.org"));
    });
}

#[test]
fn nothing_is_sent_unencrypted_where_starttls_is_asked_for_and_not_offered() {
    let server = Server::start(Fault::None, &[]);
    let mut mail = mail(server.port, Tls::Starttls);
    (mail.username, mail.password) = (Some("user".to_owned()), Some(Secret::new("hunter2")));
    let error = send_one(&mail, patient()).unwrap_err();
    assert!(error.message.contains("STARTTLS") && error.everyone, "{error}");
    server.seen(|seen| {
        let spoken = seen.commands.join("\n");
        assert!(!spoken.contains("AUTH") && !spoken.contains("MAIL"), "{spoken}");
    });
}

#[test]
fn a_refused_login_says_so_without_the_password() {
    let server = Server::start(Fault::LoginRefused, &[]);
    let mut mail = mail(server.port, Tls::None);
    (mail.username, mail.password) = (Some("user".to_owned()), Some(Secret::new("hunter2")));
    let error = send_one(&mail, patient()).unwrap_err();
    assert!(error.permanent && error.everyone && error.message.contains("535"), "{error:?}");
    assert!(!error.message.contains("hunter2"));
}

#[test]
fn a_server_that_does_not_say_goodbye_changes_nothing() {
    let server = Server::start(Fault::QuitHangs, &[]);
    let patience = Patience { farewell: Duration::from_millis(100), ..patient() };
    let mut world = world(&server, patience);
    let delivery = world.run();
    assert_eq!((delivery.sent, delivery.waiting), (1, 0), "{delivery:?}");
    // Ends within the farewell, or the test hangs for the step.
    drop(world);
    assert_eq!(server.seen(|seen| seen.messages.len()), 1);
}

#[test]
fn the_mails_of_a_run_go_over_one_connection() {
    let server = Server::start(Fault::None, &[]);
    let mut world = world(&server, patient());
    world.book.default.push(GRACE.to_owned());
    assert_eq!(world.run().sent, 2);
    server.seen(|seen| {
        assert_eq!((seen.connections, seen.messages.len()), (1, 2));
        let recipients = seen.commands.iter().filter(|command| command.starts_with("RCPT")).count();
        assert_eq!(recipients, 2, "one envelope each");
    });
}

#[test]
fn a_test_message_needs_a_way_to_its_recipient() {
    let server = Server::start(Fault::None, &[]);
    let transport = Smtp::new(&mail(server.port, Tls::None), patient());
    let channels = mail_over(transport);
    assert!(send_test(&channels, "webhook:1", start()).unwrap_err().message.contains("webhook:1"));
    assert_eq!(send_test(&channels, ADA, start()), Ok(()));
    server.seen(|seen| {
        assert!(String::from_utf8_lossy(&seen.messages[0]).contains("Subject: [backupmon] test message"));
    });
}
