//! The configuration of contrib in a real nginx, by TLS on loopback, asked by curl.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use crate::harness::{assert_shape, word};
use crate::nginx_server::Server;
use crate::openapi::{description, schema_of};
use crate::{is_there, site};

struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

fn ask(server: &Server, path: &str, more: &[&str]) -> Answer {
    let output = Command::new("curl")
        .args(["-sk", "--max-time", "30", "-D", "-", "--path-as-is"])
        .args(more)
        .arg(format!("https://127.0.0.1:{}{path}", server.port))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text}"));
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let header = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_lowercase(), value.trim().to_owned())
    };
    Answer { status, headers: lines.map(header).collect(), body: body.to_owned() }
}

/// With the password.
fn get(server: &Server, path: &str) -> Answer {
    ask(server, path, &["-u", "ops:secret"])
}

/// Whether all that these tests need is there.
fn is_runnable(test: &str) -> bool {
    ["nginx", "curl", "openssl"].iter().all(|program| is_there(program, test))
}

#[test]
fn jobs_are_served_as_json_behind_a_password() {
    if !is_runnable("jobs_are_served_as_json_behind_a_password") {
        return;
    }
    let site = site();
    let server = Server::start(&site);
    let id = word(&site.document("site/api/jobs.json")["jobs"][0]["id"]).to_owned();
    for (path, item) in description()["paths"].as_object().unwrap() {
        let path = path.replace("{id}", &id);
        for wrong in [&[][..], &["-u", "ops:wrong"]] {
            let refused = ask(&server, &path, wrong);
            assert_eq!(refused.status, 401, "{path}");
            assert!(!refused.body.contains(&id), "{path}: {}", refused.body);
        }
        let answer = get(&server, &path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert!(answer.headers["content-type"].starts_with("application/json"), "{:?}", answer.headers);
        let document: Value = serde_json::from_str(&answer.body).unwrap();
        assert_shape(&schema_of(&item["get"]), &document);
        let file = format!("site{path}.json");
        assert_eq!(document, site.document(&file), "{path}");
        let etag = &answer.headers["etag"];
        let again = ask(&server, &path, &["-u", "ops:secret", "-H", &format!("If-None-Match: {etag}")]);
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
    }
    assert_eq!(get(&server, &format!("/api/jobs/{id}.json")).status, 200);
}

#[test]
fn what_is_not_there_is_answered_by_a_document_and_nothing_is_listed() {
    if !is_runnable("what_is_not_there_is_answered_by_a_document_and_nothing_is_listed") {
        return;
    }
    let site = site();
    let server = Server::start(&site);
    for path in ["/api/jobs/no-such-job", "/api/nothing", "/api/jobs/UPPER"] {
        let answer = get(&server, path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.headers["content-type"].starts_with("application/json"), "{path}");
        assert_eq!(serde_json::from_str::<Value>(&answer.body).unwrap()["error"], "not found");
    }
    for outside in ["/api/jobs/..%2f..%2f..%2fconfig.toml", "/api/jobs/A%00b", "/../config.toml"] {
        assert!([400, 404].contains(&get(&server, outside).status), "{outside}");
    }
    for folder in ["/api/", "/jobs/", "/agents/", "/assets/"] {
        assert!([403, 404].contains(&get(&server, folder).status), "{folder}");
    }
    site.place("site/.hidden", "half written");
    assert_eq!(get(&server, "/.hidden").status, 404);
    assert_eq!(ask(&server, "/api/jobs", &["-u", "ops:secret", "-X", "POST"]).status, 405);
}

#[test]
fn every_answer_says_what_a_browser_may_do_with_it() {
    if !is_runnable("every_answer_says_what_a_browser_may_do_with_it") {
        return;
    }
    let site = site();
    let server = Server::start(&site);
    for (path, kind) in [
        ("/", "text/html"),
        ("/alerts.html", "text/html"),
        ("/api/jobs", "application/json"),
        ("/api/jobs/none", "application/json"),
        ("/metrics.prom", "text/plain; version=0.0.4"),
        ("/feed.atom", "application/atom+xml"),
        ("/badge.svg", "image/svg+xml"),
        ("/badge.json", "application/json"),
        ("/data/stamp.js", "application/javascript"),
    ] {
        let headers = get(&server, path).headers;
        assert!(headers["content-type"].starts_with(kind), "{path}: {}", headers["content-type"]);
        assert_eq!(headers["cache-control"], "private, no-cache", "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        let policy = &headers["content-security-policy"];
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(policy.contains("default-src 'none'"), kind != "text/html", "{path}: {policy}");
    }
}
