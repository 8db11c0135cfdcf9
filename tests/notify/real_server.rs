//! The SMTP transport against a server that others wrote (aiosmtpd), and `sendmail` against a program.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use backupmon::config::{Secret, Tls};
use backupmon::notify::channels::Channels;
use backupmon::notify::send_test;
use backupmon::notify::sendmail::Sendmail;
use backupmon::notify::smtp::{Patience, Smtp};
use mail_parser::MessageParser;
use serde_json::Value;

use crate::smtp::mail;
use crate::world::{ADA, World, job, mail_over, start};

/// Debian's interpreter, for that is the one that has Debian's python3-aiosmtpd.
const PYTHON: &str = "/usr/bin/python3";
/// Tell the test, when it runs itself as a child, where the server is and how it encrypts.
const PORT: &str = "BACKUPMON_TEST_SMTP_PORT";
const TLS: &str = "BACKUPMON_TEST_SMTP_TLS";

struct Server {
    child: Child,
    output: BufReader<ChildStdout>,
    port: u16,
}

impl Server {
    fn start(certificate: &Path, key: &Path, tls: Tls) -> Self {
        let mut child = Command::new(PYTHON)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/notify/smtpd.py"))
            .args([certificate, key])
            .arg(word(tls))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut port = String::new();
        output.read_line(&mut port).unwrap();
        let port = port.trim().parse().expect("python3-aiosmtpd is needed: apt install python3-aiosmtpd");
        Self { child, output, port }
    }

    /// All mails that it took, after it has ended.
    fn mails(mut self) -> Vec<Value> {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
        self.output.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
    }
}

fn word(tls: Tls) -> &'static str {
    match tls {
        Tls::Starttls => "starttls",
        Tls::Tls => "tls",
        Tls::None => panic!("the server speaks to nobody in the clear"),
    }
}

/// A certificate for localhost that is its own authority.
fn certify(folder: &Path) {
    let status = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(folder)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
}

/// Runs the ignored test `name` of this program with `certificate` as the only authority: the trusted ones are read
/// from the environment, which a process with threads must not change.
fn run_trusting(certificate: &Path, port: u16, tls: Tls, name: &str) -> std::process::Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", name])
        .env("SSL_CERT_FILE", certificate)
        .env_remove("SSL_CERT_DIR")
        .env(PORT, port.to_string())
        .env(TLS, word(tls))
        .output()
        .unwrap()
}

fn channels(port: u16, tls: Tls, password: &str) -> Channels {
    let mut mail = mail(port, tls);
    (mail.username, mail.password) = (Some("user".to_owned()), Some(Secret::new(password)));
    mail_over(Smtp::new(&mail, Patience::default()))
}

#[test]
fn mails_reach_a_real_server_encrypted_and_with_a_login() {
    deliver_to_a_real_server(Tls::Starttls);
}

#[test]
fn mails_reach_a_real_server_that_is_encrypted_from_the_first_byte_on() {
    deliver_to_a_real_server(Tls::Tls);
}

fn deliver_to_a_real_server(tls: Tls) {
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path());
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let server = Server::start(&certificate, &key, tls);
    let output = run_trusting(&certificate, server.port, tls, "real_server::child_that_trusts_the_server");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mails = server.mails();
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(
        (&mails[0]["from"], &mails[0]["to"]),
        (&"backupmon@example.org".into(), &serde_json::json!([ADA]))
    );
    let content = decode(mails[0]["content"].as_str().unwrap());
    let message = MessageParser::default().parse(&content).unwrap();
    assert_eq!(message.subject(), Some("[backupmon] 1 critical: A/one"));
    let text = message.body_text(0).unwrap();
    assert!(text.contains("Said:       .dot\\u{a}at the beginning: é"), "{text}");
}

#[test]
#[ignore = "run by the two tests above, in a process that trusts the server"]
fn child_that_trusts_the_server() {
    let port = std::env::var(PORT).unwrap().parse().unwrap();
    let tls = if std::env::var(TLS).unwrap() == "tls" { Tls::Tls } else { Tls::Starttls };
    let mut world = World::new();
    world.channels = channels(port, tls, "hunter2");
    world.book.default = vec!["greylisted@example.org".to_owned(), ADA.to_owned()];
    world.raise("A", "one", "no_report");
    world.problem(&job("A", "one"), None, Some("no_report"), ".dot\nat the beginning: é");
    let delivery = world.run();
    assert_eq!((delivery.sent, delivery.failed), (1, 1), "{delivery:?}");
    assert!(delivery.errors[0].contains("451"), "{delivery:?}");
    let refused = send_test(&channels(port, tls, "wrong"), ADA, start()).unwrap_err();
    assert!(refused.permanent && refused.everyone && refused.message.contains("535"), "{refused:?}");
}

#[test]
fn a_server_with_a_certificate_that_nobody_vouches_for_gets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path());
    for tls in [Tls::Starttls, Tls::Tls] {
        let server = Server::start(&folder.path().join("cert.pem"), &folder.path().join("key.pem"), tls);
        let error = send_test(&channels(server.port, tls, "hunter2"), ADA, start()).unwrap_err();
        assert!(error.everyone && !error.permanent, "{error:?}");
        assert_eq!(server.mails(), [Value::Null; 0]);
    }
}

#[test]
fn sendmail_gets_the_mail_on_its_input_and_its_failure_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("sendmail");
    let script = |text: &str| {
        std::fs::write(&program, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        mail_over(Sendmail::new(&program, "backupmon@example.org"))
    };
    let taken = folder.path().join("taken");
    let channels = script(&format!("echo \"$@\" > '{0}'; cat >> '{0}'", taken.display()));
    assert_eq!(send_test(&channels, ADA, start()), Ok(()));
    let taken = std::fs::read_to_string(taken).unwrap();
    assert!(taken.starts_with("-i -f backupmon@example.org -- ada@example.org\n"), "{taken}");
    assert!(taken.contains("Subject: [backupmon] test message"), "{taken}");

    let error =
        send_test(&script("cat > /dev/null; echo queue full >&2; exit 75"), ADA, start()).unwrap_err();
    assert!(!error.permanent && error.message.contains("queue full"), "{error:?}");
}

/// Base64, as the server's script writes it.
fn decode(text: &str) -> Vec<u8> {
    mail_parser::decoders::base64::base64_decode(text.as_bytes()).unwrap()
}
