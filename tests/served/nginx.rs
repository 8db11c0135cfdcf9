//! The configuration of contrib in a real nginx, by TLS on loopback, asked by curl.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;

use crate::harness::{Site, assert_shape, word};
use crate::openapi::{description, schema_of};
use crate::{is_there, site};

pub struct Server {
    nginx: Child,
    /// Held open: who writes into a pipe without a reader is killed.
    #[expect(dead_code, reason = "only held")]
    said: BufReader<ChildStderr>,
    port: u16,
}

struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Server {
    /// With the site's folder as its root.
    pub fn start(site: &Site) -> Self {
        let folder = site.path("nginx");
        fs::create_dir_all(folder.join("temporary")).unwrap();
        certificate(&folder);
        let hash = Command::new("openssl").args(["passwd", "-apr1", "secret"]).output().unwrap().stdout;
        fs::write(folder.join("htpasswd"), format!("ops:{}", String::from_utf8(hash).unwrap())).unwrap();
        // Of the ports that were free a moment ago one may be taken by now.
        (0..5).find_map(|_| Self::try_start(site, &folder)).expect("nginx listens")
    }

    fn try_start(site: &Site, folder: &Path) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        fs::write(folder.join("nginx.conf"), configuration(site, folder, port)).unwrap();
        let mut nginx = Command::new("nginx")
            .arg("-p")
            .arg(folder)
            .args(["-c", "nginx.conf", "-e", "stderr", "-g", "daemon off; error_log stderr notice;"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(nginx.stderr.take().unwrap());
        let mut line = String::new();
        while said.read_line(&mut line).unwrap() > 0 {
            if line.contains("start worker process") {
                return Some(Self { nginx, said, port });
            }
            line.clear();
        }
        nginx.wait().unwrap();
        None
    }

    pub fn address(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    fn ask(&self, path: &str, more: &[&str]) -> Answer {
        let output = Command::new("curl")
            .args(["-sk", "--max-time", "30", "-D", "-", "--path-as-is"])
            .args(more)
            .arg(format!("{}{path}", self.address()))
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
    fn get(&self, path: &str) -> Answer {
        self.ask(path, &["-u", "ops:secret"])
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The master ends its worker; a kill would leave that behind.
        let _ = Command::new("kill").arg(self.nginx.id().to_string()).status();
        let _ = self.nginx.wait();
    }
}

fn certificate(folder: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(folder)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
}

/// The file of contrib with its places set, in what surrounds it on a Debian.
fn configuration(site: &Site, folder: &Path, port: u16) -> String {
    let contrib = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/nginx/backupmon.conf");
    let mut server = fs::read_to_string(contrib).unwrap();
    let here = |name: &str| folder.join(name).display().to_string();
    for (place, set) in [
        ("listen 443 ssl;", format!("listen 127.0.0.1:{port} ssl;")),
        ("listen [::]:443 ssl;", String::new()),
        ("/etc/ssl/private/backups.example.org.pem", here("cert.pem")),
        ("/etc/ssl/private/backups.example.org.key", here("key.pem")),
        ("/var/lib/backupmon/site", site.path("site").display().to_string()),
        (
            "auth_basic_user_file /etc/nginx/backupmon.htpasswd",
            format!("auth_basic_user_file {}", here("htpasswd")),
        ),
    ] {
        assert_eq!(server.matches(place).count(), 1, "{place}");
        server = server.replace(place, &set);
    }
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {};\n", here("temporary")))
        .concat();
    let user = if rustix::process::getuid().is_root() { "user root;" } else { "" };
    format!(
        "{user}\nworker_processes 1;\npid {};\nevents {{}}\nhttp {{\ninclude /etc/nginx/mime.types;\n\
         default_type application/octet-stream;\naccess_log off;\n{temporary}{server}}}\n",
        here("pid")
    )
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
            let refused = server.ask(&path, wrong);
            assert_eq!(refused.status, 401, "{path}");
            assert!(!refused.body.contains(&id), "{path}: {}", refused.body);
        }
        let answer = server.get(&path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert!(answer.headers["content-type"].starts_with("application/json"), "{:?}", answer.headers);
        let document: Value = serde_json::from_str(&answer.body).unwrap();
        assert_shape(&schema_of(&item["get"]), &document);
        let file = format!("site{path}.json");
        assert_eq!(document, site.document(&file), "{path}");
        let etag = &answer.headers["etag"];
        let again = server.ask(&path, &["-u", "ops:secret", "-H", &format!("If-None-Match: {etag}")]);
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
    }
    assert_eq!(server.get(&format!("/api/jobs/{id}.json")).status, 200);
}

#[test]
fn what_is_not_there_is_answered_by_a_document_and_nothing_is_listed() {
    if !is_runnable("what_is_not_there_is_answered_by_a_document_and_nothing_is_listed") {
        return;
    }
    let site = site();
    let server = Server::start(&site);
    for path in ["/api/jobs/no-such-job", "/api/nothing", "/api/jobs/UPPER"] {
        let answer = server.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.headers["content-type"].starts_with("application/json"), "{path}");
        assert_eq!(serde_json::from_str::<Value>(&answer.body).unwrap()["error"], "not found");
    }
    for outside in ["/api/jobs/..%2f..%2f..%2fconfig.toml", "/api/jobs/A%00b", "/../config.toml"] {
        assert!([400, 404].contains(&server.get(outside).status), "{outside}");
    }
    for folder in ["/api/", "/jobs/", "/agents/", "/assets/"] {
        assert!([403, 404].contains(&server.get(folder).status), "{folder}");
    }
    site.place("site/.hidden", "half written");
    assert_eq!(server.get("/.hidden").status, 404);
    assert_eq!(server.ask("/api/jobs", &["-u", "ops:secret", "-X", "POST"]).status, 405);
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
        let headers = server.get(path).headers;
        assert!(headers["content-type"].starts_with(kind), "{path}: {}", headers["content-type"]);
        assert_eq!(headers["cache-control"], "private, no-cache", "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        let policy = &headers["content-security-policy"];
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(policy.contains("default-src 'none'"), kind != "text/html", "{path}: {policy}");
    }
}
