//! Hostile strings as names and as messages, and every place where they come out: pages in a browser, JSON, CSV, metrics,
//! feed, badge, mail, terminal, log. Each is read back by a reader of its own kind.

mod strings;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use mail_parser::{HeaderName, MessageParser};
use serde_json::{Value, json};

use crate::browser::{self, Pages};
use crate::harness::Site;
use crate::mail::{self, Fault, Server};
use crate::report::Report;
use strings::{is_name, strings};

const MESSAGES: &str = "SIRPACAM_DOUALA_MESSAGES";
const NAMES: &str = "HYDROCAM_KRIBI_NAMES";

/// A site on which every string is the message of a job, and, where it may be, the name of a job and of an agent.
struct World {
    site: Site,
    strings: Vec<String>,
    server: Server,
}

impl World {
    /// `port`: where a page that could be made to ask for something would ask.
    fn new(port: u16) -> Self {
        let (site, server, strings) = (Site::in_memory(), Server::start(Fault::None, &[]), strings(port));
        site.configure(&mail::section(server.port));
        let (mut messages, mut names) = (Report::of(MESSAGES), Report::of(NAMES));
        for (n, text) in strings.iter().enumerate() {
            let failed = json!({"status": false, "error_message": text});
            messages =
                messages.entry(&format!("D{n:02}"), json!({"BACKUP": failed, "staged_file_name": text}));
            if is_name(text) {
                // A file's name for some, which is then not found.
                names = names.says(text, text.trim(), "never sent");
                if n % 4 == 0 && !text.starts_with(['_', '.']) {
                    site.deposit(&Report::of(text).good("DB", "bytes"));
                }
            }
        }
        site.deposit(&messages.with("logs_summary", strings.concat().into()));
        site.deposit(&names.with("overall_status", strings[0].clone().into()));
        let mut site = site;
        site.pass(chrono::TimeDelta::minutes(20));
        Self { site, strings, server }
    }
}

/// No control character but the line's end, and nothing that turns text around.
fn steers(text: &str) -> Option<char> {
    text.chars().find(|c| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    })
}

#[test]
fn no_string_steers_what_it_comes_out_of() {
    let world = World::new(1);
    let run = world.site.run(["run", "-vv"]).exits(0);
    let mut sinks = 0;
    let mut done = |name: &str| {
        sinks += 1;
        println!("sinks: {name}: {} strings", world.strings.len());
    };
    assert_eq!(steers(&run.stderr), None, "log: {:?}", run.stderr);
    assert_eq!(steers(&run.stdout), None, "{:?}", run.stdout);
    done("log lines");
    terminal(&world);
    done("terminal, plain and in colours");
    json_documents(&world);
    done("JSON");
    spreadsheet(&world);
    done("CSV");
    metrics(&world);
    done("metrics");
    xml(&world);
    done("feed and badge");
    mails(&world);
    done("mail");
    check(&world);
    done("check");
    scripts_of_data(&world);
    done("data/*.js");
    println!("sinks: {} strings x {sinks} sinks", world.strings.len());
}

fn terminal(world: &World) {
    let commands: [&[&str]; 8] = [
        &["jobs", "list"],
        &["jobs", "list", "-v"],
        &["agents", "list"],
        &["history"],
        &["alerts", "list"],
        &["versions", "list"],
        &["jobs", "suggest"],
        &["doctor"],
    ];
    for words in commands {
        for color in ["never", "always"] {
            let ran = world.site.run(words.iter().chain(&["--color", color]));
            let shown = plain_of(&format!("{}{}", ran.stdout, ran.stderr));
            assert_eq!(steers(&shown), None, "{words:?} {color}: {shown:?}");
        }
    }
    let jobs = world.site.document("site/api/jobs.json");
    let ids = jobs["jobs"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap());
    // One that looks like an option has to be typed after `--`.
    for id in ids.filter(|id| !id.starts_with('-')).step_by(7) {
        let ran = world.site.run(["jobs", "show", id]).exits(0);
        assert_eq!(steers(&ran.stdout), None, "{ran}");
    }
}

/// Without the colours that we write ourselves: `ESC [ digits m`.
fn plain_of(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        plain.push_str(
            rest.strip_prefix('m').unwrap_or_else(|| panic!("an escape that is no colour: {part:?}")),
        );
    }
    plain
}

fn json_documents(world: &World) {
    let site = world.site.path("site/api");
    for file in
        walkdir::WalkDir::new(site).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file())
    {
        let bytes = std::fs::read(file.path()).unwrap();
        serde_json::from_slice::<Value>(&bytes)
            .unwrap_or_else(|error| panic!("{}: {error}", file.path().display()));
    }
    // A name is in JSON what it is, letter by letter.
    let jobs = world.site.document("site/api/jobs.json");
    let found: BTreeSet<&str> = jobs["jobs"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|job| job["agent"] == NAMES)
        .map(|job| job["database"].as_str().unwrap())
        .collect();
    let sent: BTreeSet<&str> =
        world.strings.iter().map(String::as_str).filter(|text| is_name(text)).collect();
    assert_eq!(found, sent);
}

fn spreadsheet(world: &World) {
    let ran = world.site.run(["history", "--csv"]).exits(0);
    let mut reader = csv::Reader::from_reader(ran.stdout.as_bytes());
    let columns = reader.headers().unwrap().len();
    let mut rows = 0;
    for row in reader.records() {
        let row = row.unwrap();
        assert_eq!(row.len(), columns);
        for cell in &row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "a formula: {cell:?}");
            // A name stays what it is, letter by letter; none of them can hold a control character.
            assert!(!cell.chars().any(char::is_control), "{cell:?}");
        }
        rows += 1;
    }
    assert!(rows > world.strings.len(), "{rows}");
}

/// Every line is a comment or `name{label="value",…} number`, and the values are the names.
fn metrics(world: &World) {
    let text = world.site.read("site/metrics.prom");
    let mut databases = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (rest, number) = line.rsplit_once(' ').unwrap();
        assert!(number.parse::<f64>().is_ok(), "{line:?}");
        let Some((name, labels)) = rest.split_once('{') else { continue };
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'), "{line:?}");
        for (label, value) in labels_of(labels.strip_suffix('}').unwrap_or_else(|| panic!("{line:?}"))) {
            assert!(label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'), "{line:?}");
            if label == "database" {
                databases.insert(value);
            }
        }
    }
    for text in world.strings.iter().filter(|text| is_name(text)) {
        assert!(databases.contains(text) || databases.is_empty(), "{text:?} is no label: {databases:?}");
    }
}

fn labels_of(text: &str) -> Vec<(String, String)> {
    let (mut labels, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let (label, value) = rest.split_once("=\"").unwrap_or_else(|| panic!("{text:?}"));
        let (mut out, mut chars) = (String::new(), value.char_indices());
        let end = loop {
            match chars.next().unwrap_or_else(|| panic!("an open label: {text:?}")) {
                (at, '"') => break at + 1,
                (_, '\\') => match chars.next().unwrap().1 {
                    'n' => out.push('\n'),
                    c @ ('\\' | '"') => out.push(c),
                    c => panic!("an unknown escape {c:?}: {text:?}"),
                },
                (_, c) => out.push(c),
            }
        };
        labels.push((label.trim_start_matches(',').to_owned(), out));
        rest = &value[end..];
    }
    labels
}

/// Well-formed, by a parser that is strict about it.
fn xml(world: &World) {
    for file in ["feed.atom", "badge.svg"] {
        let text = world.site.read(&format!("site/{file}"));
        let script = "import sys, xml.etree.ElementTree as t; print(*(e.tag.split('}')[-1] for e in t.fromstring(sys.stdin.buffer.read()).iter()))";
        let mut child = Command::new("/usr/bin/python3")
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{file}: {text}");
        let tags = String::from_utf8(output.stdout).unwrap();
        assert!(
            !tags.split_whitespace().any(|tag| matches!(tag, "script" | "img" | "foreignObject" | "a")),
            "{tags}"
        );
        assert_eq!(steers(&text), None, "{file}");
    }
}

fn mails(world: &World) {
    let mails = world.server.seen(|seen| seen.messages.clone());
    assert!(!mails.is_empty());
    let expected =
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"];
    for bytes in &mails {
        let message = MessageParser::default().parse(bytes).unwrap();
        let mut names: Vec<String> =
            message.headers().iter().map(|header| HeaderName::as_str(&header.name).to_owned()).collect();
        names.sort();
        let mut wanted = expected.map(str::to_owned).to_vec();
        wanted.sort();
        assert_eq!(names, wanted);
        assert_eq!(
            (message.text_body_count(), message.html_body_count(), message.attachment_count()),
            (1, 1, 0)
        );
        assert_eq!(steers(message.subject().unwrap()), None);
        let text = message.body_text(0).unwrap().replace("\r\n", "\n");
        assert_eq!(steers(&text), None, "{text:?}");
        let html = message.body_html(0).unwrap().to_lowercase();
        for tag in
            ["<script", "<img", "<iframe", "<svg", "<base", "<meta http", "<form", "<style>@import", "<link"]
        {
            assert!(!html.contains(tag), "{tag} in {html}");
        }
    }
    // Envelopes go to the configured recipient alone.
    world.server.seen(|seen| {
        let envelopes = seen.commands.iter().filter(|command| command.starts_with("RCPT"));
        assert!(
            envelopes.into_iter().all(|command| command.contains("<ops@example.org>")),
            "{:?}",
            seen.commands
        );
    });
}

fn check(world: &World) {
    let ran = world.site.run(["check"]).exits(2);
    assert_eq!(steers(&ran.stdout), None, "{ran}");
    assert_eq!(ran.stdout.matches('|').count(), 1, "{ran}");
}

fn scripts_of_data(world: &World) {
    for entry in walkdir::WalkDir::new(world.site.path("site/data")).into_iter().map(Result::unwrap) {
        if entry.path().extension().is_none_or(|extension| extension != "js") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        // One call with one JSON document, which no string leaves.
        let call = text.trim().trim_end_matches(';');
        let document = call.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
        let read = document.map(serde_json::from_str::<Value>);
        assert!(matches!(read, Some(Ok(_))), "{}: {text}", entry.path().display());
        assert!(!text.to_lowercase().contains("</script"), "{}", entry.path().display());
    }
}

#[test]
fn no_string_runs_or_asks_for_anything_in_a_browser() {
    if browser::is_missing("no_string_runs_or_asks_for_anything_in_a_browser") {
        return;
    }
    let pages = Pages::serve();
    let world = World::new(pages.port);
    drop(world.site.run(["run"]).exits(0));
    pages.of(world.site.path("site"));
    let tree = world.site.tree("site");
    let files: BTreeSet<&str> = tree.lines().collect();
    let job = files.iter().find(|file| file.starts_with("jobs/hydrocam")).unwrap();
    let message = files.iter().find(|file| file.starts_with("jobs/sirpacam")).unwrap();
    let agent = format!("agents/{MESSAGES}.html");
    let names = format!("agents/{NAMES}.html");
    for path in ["index.html", "alerts.html", "agents.html", &agent, &names, job, message] {
        let dom = pages.dom(path);
        let title = dom.split("<title>").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
        assert!(title.ends_with(" · Backups") && !title.contains("PWNED"), "{path}: {title}");
        let body = dom.split("<body").nth(1).and_then(|rest| rest.split('>').next()).unwrap();
        assert!(!body.contains("pwned"), "{path}: something ran");
        foreign_markup(path, &dom);
        for asked in pages.requests() {
            assert!(files.contains(asked.as_str()) || asked == "favicon.ico", "{path} asked for {asked:?}");
        }
    }
    println!("sinks: {} strings x 7 pages in Chromium", world.strings.len());
}

/// The elements and the attributes of the page are those that our own templates write.
fn foreign_markup(path: &str, dom: &str) {
    for (at, _) in dom.match_indices('<') {
        let tag: String =
            dom[at + 1..].trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        let foreign = [
            "img", "iframe", "object", "embed", "base", "math", "style", "video", "audio", "details",
            "marquee", "template",
        ];
        assert!(!foreign.contains(&tag.as_str()), "{path}: <{tag}: {}", &dom[at..(at + 80).min(dom.len())]);
        // An attribute's value is quoted, and holds `<` and `>` only as our own icon does.
        let rest = &dom[at..];
        let inside = rest.split('>').next().unwrap_or_default();
        let outside_quotes: String = inside.split('"').step_by(2).collect();
        assert!(!outside_quotes.contains(" on"), "{path}: a handler in {inside}");
    }
    assert_eq!(dom.matches("<script").count(), 1, "{path}");
}
