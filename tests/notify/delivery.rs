//! What is told to whom, when, and what a failure or a crash does to it.

use backupmon::domain::grouping::Site;
use backupmon::domain::incident::Subject;
use backupmon::domain::{Labels, Problem};
use backupmon::notify::deliver::Planned;
use backupmon::notify::{SendError, preview};
use backupmon::store::Store;
use mail_parser::HeaderName;

use crate::world::{ADA, GRACE, World, job, parse};

fn server(problem: Problem) -> Subject {
    Subject::server(problem)
}

#[test]
fn each_news_is_told_once_and_what_was_told_as_bad_is_told_as_resolved() {
    let mut world = World::new();
    world.raise("A", "one", "no_report");
    assert_eq!(world.subjects(), ["[backupmon] 1 critical: A/one"]);
    assert_eq!(world.wait(90).subjects(), [""; 0]);
    world.raise("A", "one", "truncated");
    assert_eq!(world.subjects(), ["[backupmon] 1 critical: A/one"], "another cause");
    world.wait(5).resolve(&job("A", "one"));
    assert_eq!(world.wait(1).subjects(), ["[backupmon] 1 resolved: A/one"], "a recovery does not wait");
    assert_eq!(world.wait(90).subjects(), [""; 0]);
}

#[test]
fn what_healed_before_anyone_was_told_sends_nothing() {
    let mut world = World::new();
    world.raise("A", "one", "no_report");
    world.resolve(&job("A", "one"));
    assert_eq!(world.subjects(), [""; 0]);
    assert_eq!(world.waiting().len(), 0);
}

#[test]
fn further_news_waits_for_the_gap_but_goes_along_with_what_cannot_wait() {
    let mut world = World::new();
    world.raise("A", "one", "no_report");
    assert_eq!(world.subjects().len(), 1);
    world.wait(15).raise("B", "two", "no_report");
    assert_eq!(world.subjects(), [""; 0], "within the gap");
    world.wait(15).resolve(&job("A", "one"));
    assert_eq!(world.subjects(), ["[backupmon] 1 critical, 1 resolved: B/two, A/one"]);
    world.wait(59).raise("C", "three", "no_report");
    assert_eq!(world.subjects(), [""; 0], "the gap counts from the newest mail");
    assert_eq!(world.wait(1).subjects(), ["[backupmon] 1 critical: C/three"]);
}

#[test]
fn one_mail_per_recipient_tells_causes_and_not_jobs() {
    let mut world = World::new();
    let site = Site { active_jobs: 2, labels: Labels::default() };
    world.book.fleet = [("A".to_owned(), site)].into();
    for (agent, database, cause) in [
        ("A", "a1", "no_report"),
        ("A", "a2", "no_report"),
        ("B", "b1", "truncated"),
        ("B", "b2", "truncated"),
        ("B", "b3", "truncated"),
        ("B", "b4", "empty"),
    ] {
        world.raise(agent, database, cause);
    }
    world.run();
    let mails = world.recording.take();
    assert_eq!(mails.len(), 1);
    let mail = parse(&mails[0]);
    assert_eq!(mail.subject(), Some("[backupmon] 3 critical (6 jobs): B, B/b4 and 1 more"));
    let text = mail.body_text(0).unwrap();
    assert!(text.contains("A fell silent altogether (2 jobs)"), "{text}");
    assert!(text.contains("B: the backup is cut off (3 jobs)"), "{text}");
    assert!(text.contains("backupmon jobs list --agent B"), "{text}");
    assert_eq!(mails[0].items.len(), 6, "all of them are told");
}

#[test]
fn rules_say_who_is_told_and_everybody_gets_an_envelope_of_their_own() {
    let mut world = World::new();
    world.book.by_agent.insert("B".to_owned(), vec![GRACE.to_owned(), ADA.to_owned()]);
    world.raise("A", "one", "no_report");
    world.raise("B", "two", "no_report");
    let told = world.told();
    assert_eq!(
        told,
        [
            (GRACE.to_owned(), "[backupmon] 1 critical: B/two".to_owned()),
            (ADA.to_owned(), "[backupmon] 2 critical: A/one, B/two".to_owned()),
        ]
    );
    // A rule that no longer names her takes nothing back: what she was told as bad, she is told as resolved.
    world.book.by_agent.clear();
    world.wait(90).resolve(&job("B", "two"));
    assert!(world.told().contains(&(GRACE.to_owned(), "[backupmon] 1 resolved: B/two".to_owned())));
}

#[test]
fn a_retry_is_the_same_mail_and_newer_news_go_in_the_next() {
    let mut world = World::new();
    world.recording.fail(ADA, Some(SendError::transient("451 later")));
    world.raise("A", "one", "no_report");
    let delivery = world.run();
    assert_eq!((delivery.sent, delivery.failed, delivery.waiting), (0, 1, 1));
    assert_eq!(delivery.oldest, Some(world.now));
    assert_eq!(delivery.errors, ["ada@example.org: 451 later"]);
    assert!(delivery.unheard);
    let frozen = world.waiting().remove(0);

    world.raise("B", "two", "no_report");
    assert_eq!(world.run().failed, 0, "the pause of a minute is not over");
    world.recording.fail(ADA, None);
    let delivery = world.wait(1).run();
    assert_eq!((delivery.sent, delivery.waiting, delivery.unheard), (1, 0, false));
    let sent = world.recording.take();
    assert_eq!(sent.len(), 1, "one mail per recipient and run");
    assert_eq!((&sent[0].bytes, &sent[0].message_id), (&frozen.bytes, &frozen.message_id));
    assert_eq!(world.wait(60).subjects(), ["[backupmon] 1 critical: B/two"]);
}

#[test]
fn what_changes_while_a_mail_waits_is_told_after_it() {
    let mut world = World::new();
    world.recording.fail(ADA, Some(SendError::transient("451 later")));
    world.raise("A", "one", "no_report");
    world.run();
    world.resolve(&job("A", "one"));
    world.recording.fail(ADA, None);
    assert_eq!(world.wait(1).subjects(), ["[backupmon] 1 critical: A/one"]);
    assert_eq!(world.wait(1).subjects(), ["[backupmon] 1 resolved: A/one"]);
}

#[test]
fn a_refusal_is_a_problem_that_the_others_learn_of_until_it_is_mended() {
    let mut world = World::new();
    world.book.default.push(GRACE.to_owned());
    world.recording.fail(GRACE, Some(SendError::permanent("550 no such user")));
    world.raise("A", "one", "no_report");
    let delivery = world.run();
    assert_eq!((delivery.sent, delivery.failed, delivery.waiting), (1, 1, 1));
    assert!(!delivery.unheard, "Ada has heard it");
    let refused = world.open(&server(Problem::MailRefused)).unwrap();
    assert!(
        refused.message.contains("grace@example.org") && refused.message.contains("550"),
        "{}",
        refused.message
    );
    assert_eq!(world.recording.take().len(), 1);
    assert_eq!(world.wait(15).told(), [(ADA.to_owned(), "[backupmon] 1 critical: mail_refused".to_owned())]);

    world.recording.fail(GRACE, None);
    assert_eq!(world.wait(30).told(), [], "a refused mail is tried rarely");
    assert_eq!(world.wait(15).told(), [(GRACE.to_owned(), "[backupmon] 1 critical: A/one".to_owned())]);
    assert!(world.open(&server(Problem::MailRefused)).is_none());
    assert_eq!(world.wait(15).told(), [(ADA.to_owned(), "[backupmon] 1 resolved: mail_refused".to_owned())]);
}

#[test]
fn what_may_be_lost_or_forged_leads_subject_and_mail() {
    let mut world = World::new();
    for database in ["one", "two", "three"] {
        world.raise("A", database, "no_report");
    }
    world.raise("B", "forged", "hash_differs");
    world.run();
    let mails = world.recording.take();
    let mail = parse(&mails[0]);
    assert_eq!(mail.subject(), Some("[backupmon] 2 critical (4 jobs): B/forged, A"));
    let text = mail.body_text(0).unwrap();
    assert!(text.find("B/forged") < text.find("A: "), "{text}");
}

#[test]
fn a_server_that_is_down_is_tried_once_in_a_run_and_nothing_is_lost() {
    let mut world = World::new();
    world.book.default.push(GRACE.to_owned());
    for one in [ADA, GRACE] {
        world.recording.fail(one, Some(SendError::transient("connection refused").for_everyone()));
    }
    world.raise("A", "one", "no_report");
    let delivery = world.run();
    assert_eq!((delivery.failed, delivery.waiting, world.recording.tried()), (2, 2, 1));
    for one in [ADA, GRACE] {
        world.recording.fail(one, None);
    }
    assert_eq!(world.wait(15).told().len(), 2);
}

#[test]
fn while_learning_only_the_servers_own_problems_are_told_and_the_rest_afterwards() {
    let mut world = World::new();
    world.terms.learning_until = Some(world.now + chrono::TimeDelta::days(1));
    world.raise("A", "one", "no_report");
    world.raise("A", "two", "no_report");
    world.problem(&server(Problem::DiskLow), None, None, "3 % free");
    assert_eq!(world.subjects(), ["[backupmon] 1 critical: disk_low"]);
    // The digest lists what is open, which tells nobody yet.
    let digest = world.at("2025-06-21T07:00:00Z").subjects();
    assert_eq!(digest, ["[backupmon] digest: 3 critical still open, nothing is watched"]);
    world.resolve(&job("A", "two"));
    assert_eq!(world.at("2025-06-21T09:00:00Z").subjects(), ["[backupmon] 1 critical: A/one"]);
}

#[test]
fn maintenance_stops_messages_and_at_its_end_what_is_still_bad_is_told() {
    let mut world = World::new();
    let told = world.raise("A", "told before", "no_report");
    assert_eq!(world.subjects().len(), 1);
    let (bad, healed) = (world.raise("A", "bad", "no_report"), world.raise("A", "healed", "no_report"));
    world.book.muted.extend([told, bad, healed]);
    world.resolve(&job("A", "healed"));
    world.resolve(&job("A", "told before"));
    assert_eq!(world.wait(120).subjects(), [""; 0]);
    world.book.muted.clear();
    assert_eq!(world.wait(1).subjects(), ["[backupmon] 1 critical, 1 resolved: A/bad, A/told before"]);
}

#[test]
fn an_acknowledgement_stops_no_recovery() {
    let mut world = World::new();
    let id = world.raise("A", "one", "no_report");
    assert_eq!(world.subjects().len(), 1);
    world.acknowledge(id, "on it");
    world.wait(120).resolve(&job("A", "one"));
    assert_eq!(world.subjects(), ["[backupmon] 1 resolved: A/one"]);
}

#[test]
fn without_mail_and_webhook_nothing_is_queued() {
    let mut world = World::new();
    world.channels.mail = None;
    world.raise("A", "one", "no_report");
    assert_eq!(world.run(), backupmon::notify::Delivery::default());
    assert!(world.waiting().is_empty());
}

#[test]
fn a_preview_freezes_nothing_and_says_what_is_then_sent() {
    let mut world = World::new();
    world.raise("A", "one", "no_report");
    let planned = preview(&world.store, &world.post(), world.now).unwrap();
    assert!(world.waiting().is_empty());
    let [Planned::New { recipient, rendered, .. }] = &planned[..] else { panic!("{planned:?}") };
    assert_eq!(world.told(), [(recipient.clone(), rendered.subject.clone())]);
    assert!(preview(&world.store, &world.post(), world.now).unwrap().is_empty());
}

#[test]
fn an_address_that_is_none_hinders_nobody_else() {
    let mut world = World::new();
    world.book.default.insert(0, "nobody at all".to_owned());
    world.book.default.insert(0, "-oQ/tmp@example.org".to_owned());
    world.raise("A", "one", "no_report");
    let delivery = world.run();
    assert_eq!((delivery.sent, delivery.failed), (1, 2));
    assert!(
        delivery.errors.iter().any(|error| error.contains("`nobody at all` is no mail address")),
        "{delivery:?}"
    );
    assert!(world.open(&server(Problem::MailRefused)).is_some());
}

#[test]
fn nothing_that_an_agent_wrote_becomes_a_header_or_markup() {
    let mut world = World::new();
    let hostile =
        "x\r\nBcc: evil@example.org\r\n\r\n=?utf-8?b?ZXZpbA==?= <script>alert(1)</script>\u{202e}gnp.é";
    let subject = Subject::agent(Problem::NameInvalid, hostile);
    world.problem(&subject, Some(hostile), Some("truncated"), hostile);
    let skew = Subject::agent(Problem::ClockSkew, hostile);
    world.problem(&skew, None, None, hostile);
    world.run();
    world.wait(90).resolve(&subject);
    world.at("2025-06-21T07:00:00Z").run();
    let mails = world.recording.take();
    assert_eq!(mails.len(), 2);
    for mail in &mails {
        assert!(mail.bytes.is_ascii());
        let parsed = parse(mail);
        let names: Vec<HeaderName<'_>> = parsed.headers().iter().map(|header| header.name.clone()).collect();
        let expected =
            ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"];
        assert_eq!(names.len(), expected.len(), "{names:?}");
        assert!(expected.iter().all(|name| parsed.header(*name).is_some()), "{names:?}");
        assert!(parsed.subject().unwrap().starts_with("[backupmon] "));
        assert!(!String::from_utf8_lossy(parsed.raw_message()).lines().any(|line| line.starts_with("Bcc:")));
        assert_eq!(
            (parsed.text_body_count(), parsed.html_body_count(), parsed.attachment_count()),
            (1, 1, 0)
        );
        let (text, html) = (parsed.body_text(0).unwrap(), parsed.body_html(0).unwrap());
        assert!(text.contains("\\u{d}\\u{a}Bcc: evil"), "{text}");
        assert!(html.contains("&#60;script&#62;") && !html.contains("<script"), "{html}");
        assert!(!text.contains('\u{202e}') && !html.contains('\u{202e}'));
        assert!(text.contains('é') && html.contains('é'));
    }
}

#[test]
fn a_refused_mail_is_withdrawn_when_the_configuration_no_longer_names_its_recipient() {
    let mut world = World::new();
    world.raise("A", "told", "no_report");
    assert_eq!(world.subjects().len(), 1);
    world.wait(120).recording.fail(ADA, Some(SendError::permanent("550 no such user")));
    world.raise("A", "one", "no_report");
    world.resolve(&job("A", "told"));
    let delivery = world.run();
    assert_eq!((delivery.waiting, delivery.unheard), (1, true));

    world.book.default = vec![GRACE.to_owned()];
    let told = world.wait(15).told();
    assert_eq!(told, [(GRACE.to_owned(), "[backupmon] 2 critical: mail_refused, A/one".to_owned())]);
    assert!(world.waiting().is_empty());
    let audit = world.store.inner.audit(1).unwrap().remove(0);
    assert_eq!((audit.what.as_str(), audit.target.as_str()), ("withdraw mail", ADA));
    let told = world.wait(15).told();
    assert_eq!(told, [(GRACE.to_owned(), "[backupmon] 1 resolved: mail_refused".to_owned())]);
    assert_eq!(world.wait(120).told(), [], "and Ada is left alone");
}

#[test]
fn a_webhook_that_was_taken_out_leaves_nothing_behind() {
    let mut world = World::new();
    world.channels.webhooks.push(Box::new(world.recording.clone()));
    world.book.default = vec!["webhook:1".to_owned()];
    world.recording.fail("webhook:1", Some(SendError::transient("no answer")));
    world.raise("A", "one", "no_report");
    assert_eq!(world.run().waiting, 1);
    world.channels.webhooks.clear();
    world.book.default.clear();
    assert_eq!(world.wait(15).run(), backupmon::notify::Delivery::default());
}
