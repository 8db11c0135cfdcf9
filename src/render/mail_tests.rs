use super::*;
use crate::domain::{Cause, Problem};

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

fn cause(word: &str) -> CauseView {
    CauseView {
        shape: Shape::Single,
        news: News::Opened,
        severity: Severity::Critical,
        word: word.to_owned(),
        is_job: Cause::from_word(word).is_some(),
        place: Line::new(""),
        agent: Some(Line::new("SIRPACAM_DOUALA_NEWBELL")),
        databases: vec![Line::new("SDMC_2025")],
        total: 1,
        since: at("2025-06-20T10:00:00Z"),
        until: None,
        last_good: LastGood::At(at("2025-06-19T09:00:00Z")),
        message: Line::new("the agent reports that BACKUP failed: disk full"),
        commands: vec!["backupmon history sdmc-1".to_owned()],
        contacts: vec![Line::new("Ada, +237 1234")],
        notes: vec![Line::new("closed on Sundays")],
    }
}

fn view(news: Vec<CauseView>, resolved: Vec<CauseView>, digest: Option<DigestView>) -> MailView {
    MailView {
        now: at("2025-06-20T12:00:00Z"),
        language: Language::ENGLISH,
        timezone: chrono_tz::Africa::Douala,
        site: Some("https://backup.example/".to_owned()),
        news,
        resolved,
        omitted: Omitted::default(),
        digest,
    }
}

fn recovered() -> CauseView {
    CauseView { news: News::Resolved, until: Some(at("2025-06-20T11:30:00Z")), ..cause("backup_failed") }
}

fn digest(overview: Option<Overview>) -> DigestView {
    DigestView { open: Vec::new(), older: 0, taken_on: Vec::new(), undelivered: None, overview }
}

#[test]
fn a_mail_says_what_since_when_last_good_why_and_what_to_do() {
    let mail = render(&view(vec![cause("backup_failed")], vec![recovered()], None)).unwrap();
    for part in [&mail.text, &mail.html] {
        for said in [
            "SIRPACAM_DOUALA_NEWBELL/SDMC_2025: the dump failed at the agent",
            "Fri 20 Jun 2025, 11:00 WAT",
            "2 h",
            "Thu 19 Jun 2025, 10:00 WAT",
            "27 h old",
            "the agent reports that BACKUP failed: disk full",
            "backupmon history sdmc-1",
            "Ada, +237 1234",
            "closed on Sundays",
            "https://backup.example/",
            "1 h 30 min",
        ] {
            assert!(part.replace("&#43;", "+").contains(said), "{said:?} is not in\n{part}");
        }
    }
    assert_eq!(
        mail.subject,
        "[backupmon] 1 critical, 1 resolved: SIRPACAM_DOUALA_NEWBELL/SDMC_2025, SIRPACAM_DOUALA_NEWBELL/SDMC_2025"
    );
    assert_eq!(
        mail.summary,
        "CRITICAL SIRPACAM_DOUALA_NEWBELL/SDMC_2025: the dump failed at the agent\n\
         RESOLVED SIRPACAM_DOUALA_NEWBELL/SDMC_2025: the dump failed at the agent, after 1 h 30 min\n"
    );
}

#[test]
fn a_subject_counts_causes_and_the_jobs_behind_them() {
    let region = CauseView {
        shape: Shape::Region { shared: crate::domain::Labels::default(), agents: 12 },
        place: Line::new("SIRPACAM DOUALA"),
        agent: None,
        total: 84,
        ..cause("no_report")
    };
    let silent = CauseView { shape: Shape::SilentAgent, total: 7, ..cause("no_report") };
    let held = CauseView { shape: Shape::HeldTogether, total: 3, ..cause("version_held") };
    let mail = render(&view(vec![held], vec![], None)).unwrap();
    let told =
        "SIRPACAM_DOUALA_NEWBELL: 3 backups held in one scan: possible encryption or data loss at the site\n";
    assert!(mail.text.contains(told) && mail.summary.contains(told), "{}", mail.text);
    let skew = CauseView { severity: Severity::Warning, ..cause("clock_skew") };
    let mail = render(&view(vec![region, silent, skew, cause("truncated")], vec![], None)).unwrap();
    assert_eq!(
        mail.subject,
        "[backupmon] 3 critical, 1 warning (92 jobs): SIRPACAM DOUALA, SIRPACAM_DOUALA_NEWBELL and 2 more"
    );
    assert!(
        mail.text.contains("12 agents of SIRPACAM DOUALA fell silent at about the same time (84 jobs)"),
        "{}",
        mail.text
    );
    assert!(mail.text.contains("SDMC_2025 and 6 more"), "{}", mail.text);
}

#[test]
fn a_digest_is_never_green_without_having_checked() {
    let subject =
        |overview: Overview| render(&view(vec![], vec![], Some(digest(Some(overview))))).unwrap().subject;
    let good = Overview { good: 44, watched: 44, ..Overview::default() };
    assert_eq!(subject(good.clone()), "[backupmon] digest: nothing to remind of, all 44 good");
    assert_eq!(
        subject(Overview { stale: true, ..good.clone() }),
        "[backupmon] digest: nothing to remind of, UNKNOWN whether the backups are good"
    );
    assert_eq!(subject(Overview::default()), "[backupmon] digest: nothing to remind of, nothing is watched");
    let some = DigestView { open: vec![cause("empty")], ..digest(Some(Overview { good: 43, ..good })) };
    let mail = render(&view(vec![], vec![], Some(some))).unwrap();
    assert_eq!(mail.subject, "[backupmon] digest: 1 critical still open, 43 of 44 good");
    assert!(mail.text.contains("STILL OPEN") && mail.html.contains("<h2>Still open</h2>"));
}

#[test]
fn a_digest_lists_who_took_what_on_and_until_when() {
    let overview = Overview {
        good: 1,
        watched: 2,
        counts: vec![(Status::Success, 1), (Status::Failed, 1)],
        last_scan: Some(at("2025-06-20T11:45:00Z")),
        on_trial: 2,
        absent_on_trial: vec![Line::new("A/NEW_2025")],
        assumed: 3,
        hints: vec![Line::new("OLD has fallen silent: <backupmon agents rename OLD NEW>")],
        paused: vec![Paused {
            what: Line::new("A/OLD_2019"),
            who: Line::new("grace"),
            why: Line::new("closed"),
            until: None,
        }],
        ..Overview::default()
    };
    let taken_on = vec![TakenOn {
        what: Line::new("A/B_2024"),
        who: Line::new("ada"),
        why: Line::new("new disk"),
        until: Some(at("2025-06-22T00:00:00Z")),
    }];
    let undelivered = Some((1, at("2025-06-20T09:00:00Z")));
    let mail = render(&view(
        vec![],
        vec![],
        Some(DigestView { taken_on, undelivered, older: 4, ..digest(Some(overview)) }),
    ));
    let mail = mail.unwrap();
    for part in [&mail.text, &mail.html] {
        for said in [
            "1 of 2 watched backups are good. The last scan ended Fri 20 Jun 2025, 12:45 WAT.",
            "Failed: 1",
            "A/B_2024: by ada until Sun 22 Jun 2025, 01:00 WAT: new disk",
            "A/OLD_2019: by grace without an end: closed",
            "A/NEW_2025",
            "Nobody has set the schedule of 3 jobs: ",
            "1 message to another recipient is not delivered, since Fri 20 Jun 2025, 10:00 WAT.",
            "4 open for over a week",
        ] {
            assert!(part.contains(said), "{said:?} is not in\n{part}");
        }
    }
}

#[test]
fn every_cause_and_problem_has_words_and_advice_of_its_own() {
    let words =
        Cause::ALL.iter().map(|cause| cause.word()).chain(Problem::ALL.iter().map(|problem| problem.word()));
    for word in words {
        let text = render(&view(vec![cause(word)], vec![], None)).unwrap().text;
        assert!(!text.contains(&format!(": {word}\n")), "no label for {word}:\n{text}");
        assert!(!text.contains("See the status site."), "no advice for {word}");
    }
}

#[test]
fn hostile_names_reach_neither_markup_nor_header_nor_line() {
    let hostile = "x\r\nBcc: evil@example.org\r\n\r\n=?utf-8?b?ZXZpbA==?= <script>alert(1)</script>\u{202e}gnp\u{1b}[31m";
    let bad = CauseView {
        agent: Some(Line::new(hostile)),
        databases: vec![Line::new(hostile)],
        message: Line::new(hostile),
        contacts: vec![Line::new(hostile)],
        notes: vec![Line::new(hostile)],
        place: Line::new(hostile),
        ..cause("truncated")
    };
    let region = CauseView {
        shape: Shape::Region { shared: crate::domain::Labels::default(), agents: 5 },
        ..bad.clone()
    };
    let taken =
        TakenOn { what: Line::new(hostile), who: Line::new(hostile), why: Line::new(hostile), until: None };
    let digest = DigestView { open: vec![bad.clone()], taken_on: vec![taken], ..digest(None) };
    let resolved = CauseView { news: News::Resolved, until: Some(at("2025-06-20T11:30:00Z")), ..bad.clone() };
    let mail = render(&view(vec![bad, region], vec![resolved], Some(digest))).unwrap();
    assert!(!mail.html.contains("<script"), "{}", mail.html);
    assert!(!mail.subject.contains("=?") && mail.subject.is_ascii(), "{}", mail.subject);
    for part in [&mail.subject, &mail.text, &mail.html, &mail.summary] {
        assert!(!part.contains(['\r', '\u{202e}', '\u{1b}']), "{part}");
        assert!(!part.lines().any(|line| line.trim_start().starts_with("Bcc:")), "{part}");
    }
}

#[test]
fn a_mail_speaks_the_language_of_its_readers() {
    let digest = DigestView { open: vec![cause("no_report")], older: 2, ..digest(None) };
    let french = MailView {
        language: Language::from_code("fr").unwrap(),
        ..view(vec![cause("hash_differs")], vec![recovered()], Some(digest))
    };
    let mail = render(&french).unwrap();
    assert_eq!(
        mail.subject,
        "[backupmon] 1 critique, 1 résolue\u{a0}: SIRPACAM_DOUALA_NEWBELL/SDMC_2025, SIRPACAM_DOUALA_NEWBELL/SDMC_2025 \
         (avec le bilan)"
    );
    for part in [&mail.text, &mail.html] {
        for said in [
            "SIRPACAM_DOUALA_NEWBELL/SDMC_2025\u{a0}: le fichier n'est pas celui que l'agent a fait",
            "ven. 20 juin 2025, 11:00 WAT",
            "27 h",
            "Ne vous fiez pas à ce fichier.",
            "2 ouvertes depuis plus d'une semaine",
        ] {
            assert!(part.replace("&#39;", "'").contains(said), "{said:?} is not in\n{part}");
        }
    }
    // Every line of a cause begins its value in one column.
    let column = |tag: &str| {
        let line = mail.text.lines().find(|line| line.trim_start().starts_with(tag)).unwrap();
        line.chars().count() - line.trim_start()[tag.len()..].trim_start().chars().count()
    };
    assert_eq!(column("Depuis\u{a0}:"), column("Bonne copie\u{a0}:"));
    assert!(mail.html.starts_with("<!DOCTYPE html>\n<html lang=\"fr\">"), "{}", mail.html);
}
