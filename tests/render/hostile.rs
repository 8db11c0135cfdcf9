//! Names and messages that try to get out of the text they stand in.

use backupmon::domain::Status;
use backupmon::render::{csv, nagios, table};

use crate::fleet::{Fleet, details, entry, pages};

const SCRIPT: &str = "<script>alert(1)<\u{2215}script>";
const NASTY: &str = "\"'><img src=x onerror=alert(1)>{{7*7}}&amp;\u{202e}|`$(id)";

fn hostile() -> Fleet {
    let mut fleet = Fleet::of(&[
        (NASTY, SCRIPT, Status::Failed),
        (NASTY, NASTY, Status::Success),
        (SCRIPT, "=1+1", Status::HashMismatch),
    ]);
    for (job, _) in &mut fleet.jobs {
        job.state.message = Some(format!("{SCRIPT}\r\n\x1b[31m{NASTY}</title><script src=//x></script>"));
        job.labels.company = Some(NASTY.into());
    }
    fleet.effective.contact = Some(NASTY.into());
    fleet.effective.note = Some(SCRIPT.into());
    fleet.effective.settings.cron = Some(NASTY.into());
    fleet.title = NASTY.into();
    fleet.incidents = (1..).zip(&fleet.jobs).map(|(id, (job, _))| crate::fleet::incident(id, job)).collect();
    for incident in &mut fleet.incidents {
        incident.cause = Some(NASTY.into());
        incident.message = NASTY.into();
        incident.database = Some(SCRIPT.into());
    }
    fleet
}

/// The tags that our own templates write, and no other.
const TAGS: &[&str] = &[
    "!doctype", "html", "head", "meta", "title", "link", "script", "body", "a", "svg", "symbol", "circle",
    "path", "rect", "use", "div", "p", "button", "header", "nav", "b", "span", "strong", "time", "main",
    "noscript", "footer", "section", "h1", "h2", "h3", "ul", "ol", "li", "dl", "dt", "dd", "code", "small",
    "bdi", "caption", "details", "style", "summary", "table", "text", "thead", "tbody", "tr", "th", "td",
    "form", "input", "select", "option", "output",
];

/// A page without the style and the script in it, which are ours.
fn without_assets(page: &str) -> String {
    let mut rest = page.to_owned();
    for (begin, end) in [("<style>", "</style>"), ("<script>", "</script>")] {
        let (before, after) = rest.split_once(begin).unwrap();
        rest = format!("{before}{begin}{end}{}", after.split_once(end).unwrap().1);
    }
    rest
}

#[test]
fn no_name_becomes_markup() {
    let site = hostile().site();
    let mut seen = 0;
    for (path, text) in pages(&site) {
        seen += 1;
        let text = without_assets(text);
        for (at, _) in text.match_indices('<') {
            // The one `<` in an attribute is the favicon's, which is ours.
            let tag: String = text[at + 1..]
                .trim_start_matches('/')
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '!')
                .collect();
            assert!(TAGS.contains(&tag.as_str()), "{path}: <{tag}");
        }
        // What the script must know, and the script.
        assert_eq!(text.matches("<script").count(), 2, "{path}");
        for gone in ["<img", " onerror=alert(1)>{{7*7}}&amp;\u{202e}", "\u{202e}", "\x1b", "\"'>"] {
            assert!(!text.contains(gone), "{path} holds {gone:?}");
        }
        assert!(text.contains("default-src 'none'; style-src 'sha256-"), "{path}");
        assert!(!text.contains("unsafe-"), "{path}");
        assert!(!text.contains(" style="), "{path}");
    }
    assert!(seen >= 8);
}

#[test]
fn a_name_of_blanks_can_be_seen_and_clicked() {
    let site = Fleet::of(&[("A", " ", Status::Success), ("\u{3000}", "db", Status::Failed)]).site();
    for (path, text) in pages(&site) {
        for unseen in ["<bdi> </bdi>", "<bdi>\u{3000}</bdi>", "<bdi></bdi></a>"] {
            assert!(!text.contains(unseen), "{path} holds {unseen}");
        }
    }
    assert!(site["index.html"].contains("<bdi>␣</bdi></a>"), "{}", site["index.html"]);
}

#[test]
fn the_next_step_means_its_jobs_whatever_their_agent_is_called() {
    let agent = "SIR_\u{202e}ABC_D";
    let fleet = Fleet::of(&["a", "b", "c"].map(|database| (agent, database, Status::Failed)));
    let ids: Vec<&str> = fleet.jobs.iter().map(|(job, _)| job.id.as_str()).collect();
    assert_eq!(fleet.view().troubles[0].command, format!("backupmon history {}", ids.join(" ")));
}

#[test]
fn feeds_of_two_servers_are_two_feeds_and_a_site_that_moves_keeps_its_own() {
    let (fleet, mut other) = (Fleet::mixed(), Fleet::mixed());
    other.created_at = crate::fleet::ago(999);
    let ids = |feed: &str| -> Vec<String> {
        feed.split("<id>").skip(1).map(|part| part.split("</id>").next().unwrap().to_owned()).collect()
    };
    let feed = |fleet: &Fleet, base_url| {
        let view = backupmon::render::View::build(backupmon::render::Facts { base_url, ..fleet.facts() });
        ids(&backupmon::render::feed::atom(&view).unwrap())
    };
    let own = feed(&fleet, None);
    assert_eq!(own.len(), 4);
    assert!(feed(&other, None).iter().all(|id| !own.contains(id)));
    assert_eq!(feed(&fleet, Some("https://backup.example/")), own);
}

#[test]
fn no_name_breaks_the_list_for_the_search() {
    let names: Vec<String> = (0..300).map(|n| format!("{NASTY}{n}")).collect();
    let jobs: Vec<_> = names.iter().map(|name| (SCRIPT, name.as_str(), Status::Failed)).collect();
    let mut fleet = Fleet::of(&jobs);
    fleet.title = NASTY.into();
    let site = fleet.site();
    assert_eq!(site["data/jobs.js"], "bmJobs({\"day\":\"2026-11-22\",\"pieces\":[\"jobs-0.js\"]})\n");
    let piece = &site["data/jobs-0.js"];
    assert!(!piece.contains(['<', '>', '&']) && piece.lines().count() == 1);
    let json = piece.trim_end().strip_prefix("bmPiece(0,").unwrap().strip_suffix(')').unwrap();
    let agents: serde_json::Value = serde_json::from_str(json).unwrap();
    let (id, lines) = (agents[0][0].as_str().unwrap(), agents[0][3].as_str().unwrap());
    assert_eq!(id, backupmon::domain::text::printable(SCRIPT));
    assert_eq!(lines.lines().count(), 300);
    for line in lines.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        assert_eq!(fields.len(), 6, "{line}");
        let page = format!("jobs/{}{}.html", agents[0][2].as_str().unwrap(), fields[1]);
        assert!(site.contains_key(&page), "{page}");
    }
    let index = &site["index.html"];
    assert!(index.contains("style-src 'self'; script-src 'self'") && !index.contains("<style"));
}

#[test]
fn no_name_breaks_a_document_or_a_line() {
    let fleet = hostile();
    let site = fleet.site();
    for (path, text) in site.iter().filter(|(path, _)| path.starts_with("api/")) {
        serde_json::from_str::<serde_json::Value>(text).unwrap_or_else(|e| panic!("{path}: {e}"));
    }
    for line in site["metrics.prom"].lines() {
        let is_comment = line.starts_with("# ");
        assert!(is_comment || line.starts_with("backupmon_"), "{line}");
        assert!(is_comment || line.rsplit(' ').next().unwrap().parse::<i64>().is_ok(), "{line}");
    }
    let feed = &site["feed.atom"];
    assert!(!feed.contains("<img") && !feed.contains('\x1b') && !feed.contains("<script"));
    let check = nagios::check(&fleet.view(), None).text;
    assert_eq!(check.matches('|').count(), 1, "{check}");
    assert!(check.lines().next().unwrap().len() < 400);
    assert!(!check.contains('\x1b') && !check.contains('\r') && !check.contains('\u{202e}'));
}

#[test]
fn no_name_steers_a_terminal_or_a_spreadsheet() {
    let fleet = hostile();
    let view = fleet.view();
    let style = table::Style { color: false, width: Some(100) };
    let details = details(fleet.jobs.first().map(|(job, _)| job).unwrap(), &fleet.incidents);
    let shown = [
        table::jobs(&view, &view.jobs, style),
        table::job(&view, &view.jobs[0], &details, style),
        table::alerts(&view, view.incidents.iter().copied(), style),
        table::agents(&view, &view.agents, style),
    ]
    .concat();
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
    assert!(!shown.contains('\u{202e}'));

    let entries: Vec<_> = fleet.jobs.iter().map(|(job, _)| entry(job)).collect();
    let mut out = Vec::new();
    let key_of = |id: &backupmon::domain::JobId| {
        fleet.jobs.iter().find(|(job, _)| job.id == *id).map(|(job, _)| &job.key)
    };
    csv::history(&entries, key_of, &mut out).unwrap();
    let mut reader = ::csv::Reader::from_reader(out.as_slice());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    assert_eq!(&rows[2][3], "'=1+1");
}

#[test]
fn colour_comes_only_when_asked_for() {
    let fleet = Fleet::mixed();
    let view = fleet.view();
    let plain = table::jobs(&view, &view.jobs, table::Style::default());
    assert!(!plain.contains('\x1b'));
    assert!(plain.contains("✗ FAILED") && plain.contains("✓ SUCCESS"), "{plain}");
    assert!(table::jobs(&view, &view.jobs, table::Style { color: true, width: None }).contains('\x1b'));
}
