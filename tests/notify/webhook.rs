//! HTTP: webhooks and the heartbeat, against a loopback server of a few lines.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use backupmon::config::{Secret, Webhook as Hook, WebhookKind};
use backupmon::domain::Problem;
use backupmon::domain::incident::Subject;
use backupmon::notify::channels::webhook_name;
use backupmon::notify::heartbeat;
use backupmon::notify::webhook::Webhook;
use backupmon::render::Language;
use serde_json::Value;

use crate::world::{World, job};

struct Request {
    line: String,
    headers: Vec<String>,
    body: String,
}

/// Answers each request with the next of `answers`; hangs when there is none left.
fn serve(answers: &'static [u16]) -> (u16, Receiver<Request>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut answers = answers.iter();
        let mut hung = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap());
            let mut head = Vec::new();
            loop {
                let mut line = String::new();
                if lines.read_line(&mut line).unwrap() == 0 || line.trim().is_empty() {
                    break;
                }
                head.push(line.trim().to_owned());
            }
            let length = head
                .iter()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            lines.read_exact(&mut body).unwrap();
            let (line, headers) = (head.remove(0), head);
            sender.send(Request { line, headers, body: String::from_utf8(body).unwrap() }).unwrap();
            match answers.next() {
                Some(status) => {
                    let answer = format!(
                        "HTTP/1.1 {status} x\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    );
                    stream.write_all(answer.as_bytes()).unwrap();
                }
                None => hung.push(stream),
            }
        }
    });
    (port, receiver)
}

/// A world that knows one webhook and no mail.
fn world(kind: WebhookKind, port: u16) -> World {
    let mut world = World::new();
    let url = Secret::new(format!("http://127.0.0.1:{port}/hook/s3cret"));
    world.channels.mail = None;
    world.channels.webhooks.push(Box::new(Webhook::new(&Hook { kind, url })));
    world.book.default = vec![webhook_name(0)];
    world
}

#[test]
fn a_json_webhook_gets_the_news_with_the_words_of_the_alerts_list() {
    let (port, requests) = serve(&[503, 200, 200]);
    let mut world = world(WebhookKind::Json, port);
    world.raise("A", "one", "no_report");
    let delivery = world.run();
    assert_eq!(delivery.errors, ["webhook:1: the server answered 503"]);
    assert_eq!(world.wait(1).run().sent, 1);
    let (failed, accepted) = (requests.recv().unwrap(), requests.recv().unwrap());
    assert_eq!(failed.body, accepted.body, "a retry is the same message");
    assert!(accepted.line.starts_with("POST /hook/s3cret "));
    let body: Value = serde_json::from_str(&accepted.body).unwrap();
    let schema = include_str!("../../contrib/schema/webhook.schema.json");
    let published = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let faults: Vec<String> = published.iter_errors(&body).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(body["title"], "[backupmon] 1 critical: A/one");
    assert_eq!(body["news"][0]["news"], "opened");
    assert_eq!(body["news"][0]["cause"], "no_report");
    assert_eq!(body["news"][0]["agent"], "A");
    assert_eq!(body["news"][0]["resolved_at"], Value::Null);
    world.wait(1).resolve(&job("A", "one"));
    assert_eq!(world.run().sent, 1);
    let body: Value = serde_json::from_str(&requests.recv().unwrap().body).unwrap();
    assert_eq!(body["news"][0]["news"], "resolved");
    // A digest is a thing of mail.
    assert_eq!(world.at("2025-06-21T07:00:00Z").run().sent, 0);
}

#[test]
fn ntfy_gets_a_title_and_lines_and_slack_a_text_that_calls_nobody() {
    let (port, requests) = serve(&[200]);
    let mut ntfy = world(WebhookKind::Ntfy, port);
    ntfy.raise("A", "one", "no_report");
    assert_eq!(ntfy.run().sent, 1);
    let request = requests.recv().unwrap();
    assert!(
        request.headers.iter().any(|line| line.eq_ignore_ascii_case("title: [backupmon] 1 critical: A/one"))
    );
    assert_eq!(request.body, "CRITICAL A/one: no report came in time\n");

    // A header is ASCII: `résolue` is an encoded word.
    let (port, requests) = serve(&[200, 200]);
    let mut french = world(WebhookKind::Ntfy, port);
    french.channels.language = Language::from_code("fr").unwrap();
    french.raise("A", "one", "no_report");
    assert_eq!(french.run().sent, 1);
    french.wait(1).resolve(&job("A", "one"));
    assert_eq!(french.run().sent, 1);
    let resolved = requests.iter().nth(1).unwrap();
    let title = resolved.headers.iter().find(|line| line.to_lowercase().starts_with("title: ")).unwrap();
    assert!(title.to_lowercase().starts_with("title: =?utf-8?b?") && title.is_ascii(), "{title}");
    assert!(resolved.body.contains("aucun rapport n'est venu à temps"), "{}", resolved.body);

    let (port, requests) = serve(&[200]);
    let mut slack = world(WebhookKind::Slack, port);
    let loud = Subject::agent(Problem::ClockSkew, "<!channel>");
    slack.problem(&loud, None, None, "");
    assert_eq!(slack.run().sent, 1);
    let body: Value = serde_json::from_str(&requests.recv().unwrap().body).unwrap();
    let text = body["text"].as_str().unwrap();
    assert!(text.contains("&lt;!channel&gt;") && !text.contains('<'), "{text}");
}

#[test]
fn a_refusal_and_a_redirect_are_for_good_and_no_message_holds_the_address() {
    let (port, requests) = serve(&[404, 307]);
    for status in ["404", "307"] {
        let mut world = world(WebhookKind::Json, port);
        world.raise("A", "one", "no_report");
        let delivery = world.run();
        assert_eq!(delivery.errors, [format!("webhook:1: the server answered {status}")]);
        assert!(delivery.unheard);
        let refused = world.open(&Subject::server(Problem::MailRefused)).unwrap();
        assert!(!refused.message.contains("s3cret"), "{}", refused.message);
    }
    assert_eq!(requests.try_iter().count(), 2, "a redirect is not followed");
    let closed = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let mut world = world(WebhookKind::Json, closed);
    world.raise("A", "one", "no_report");
    let delivery = world.run();
    assert!(delivery.errors[0].contains("the connection failed"), "{delivery:?}");
    assert!(!delivery.errors[0].contains("s3cret"), "{delivery:?}");
}

#[test]
fn the_heartbeat_is_a_get_with_a_deadline() {
    let (port, requests) = serve(&[200]);
    let url = format!("http://127.0.0.1:{port}/ping/s3cret");
    assert_eq!(heartbeat::ping(&url, heartbeat::PATIENCE), Ok(()));
    assert!(requests.recv().unwrap().line.starts_with("GET /ping/s3cret "));
    let error = heartbeat::ping(&url, Duration::from_millis(100)).unwrap_err();
    assert_eq!(error.message, "the server did not answer in time");
}
