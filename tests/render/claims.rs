//! What single pages claim: never more than the fleet knows of their jobs.

use std::collections::BTreeMap;
use std::sync::Arc;

use backupmon::domain::incident::Subject;
use backupmon::domain::settings::Source;
use backupmon::domain::{AgentId, Incident, Problem, Severity, Status, Warning};
use backupmon::render::site::{Site, job_path};
use backupmon::render::{Language, View, nagios};

use crate::fleet::{Fleet, incident, pages, recents};

/// The tone of a page's verdict.
fn tone(page: &str) -> &str {
    page.split("ver v-").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default()
}

fn tones(fleet: &Fleet) -> (String, String) {
    let site = fleet.site();
    let of_job = tone(&site[&job_path(&fleet.jobs[0].0.id)]).to_owned();
    (tone(&site["agents/A.html"]).to_owned(), of_job)
}

#[test]
fn what_was_not_judged_has_no_green_shield() {
    for (status, expected) in [
        (Status::Success, "safe"),
        (Status::Late, "watch"),
        (Status::Pending, "unknown"),
        (Status::Paused, "unknown"),
        (Status::Failed, "risk"),
    ] {
        let fleet = Fleet::of(&[("A", "a", status), ("B", "b", Status::Success)]);
        assert_eq!(tones(&fleet), (expected.to_owned(), expected.to_owned()), "{status:?}");
    }
}

#[test]
fn an_open_problem_is_on_the_pages_of_its_agent_and_its_job() {
    let mut fleet = Fleet::of(&[("A", "a", Status::Success)]);
    let job = fleet.jobs[0].0.clone();
    let damaged = Subject::version(Problem::VersionDamaged, &job.key.agent, &job.id);
    fleet.incidents = vec![Incident { subject: damaged, ..incident(5, &job) }];
    assert_eq!(tones(&fleet), ("risk".to_owned(), "risk".to_owned()));
    let page = &fleet.site()[&job_path(&job.id)];
    assert!(page.contains(&format!("backupmon verify {}", job.id)), "the page says what to do");

    let unreadable = Subject::agent(Problem::ReportUnreadable, "A");
    fleet.incidents = vec![Incident { subject: unreadable, database: None, ..incident(5, &job) }];
    assert_eq!(tones(&fleet).0, "risk");
    let page = &fleet.site()["agents/A.html"];
    assert!(page.contains("something else needs attention"), "it does not stop at its good copies");
}

#[test]
fn an_agent_with_a_problem_is_not_among_the_calm_ones_of_a_large_fleet() {
    let names: Vec<String> = (0..210).map(|n| format!("X_CITY_{n:03}")).collect();
    let jobs: Vec<_> = names.iter().map(|name| (name.as_str(), "a", Status::Success)).collect();
    let mut fleet = Fleet::of(&jobs);
    fleet.incidents = vec![Incident {
        subject: Subject::agent(Problem::ReportUnreadable, "X_CITY_005"),
        severity: Severity::Warning,
        database: None,
        ..incident(5, &fleet.jobs[5].0)
    }];
    fleet.agents = names.iter().map(|name| AgentId::new(name).unwrap()).collect();
    let index = &fleet.site()["index.html"];
    assert!(index.contains("209 calm agents"), "one is shown by itself");
}

#[test]
fn what_is_late_today_counts_neither_as_arrived_nor_as_good() {
    let fleet = Fleet::of(&[("A", "a", Status::Success), ("A", "b", Status::Late)]);
    let index = &fleet.site()["index.html"];
    assert!(index.contains("of 1 expected backup came and is good"), "the late one is none that came");
    assert!(!index.contains("2 of 2 expected"), "nor on the strip of its agent");
}

/// Of a fleet whose second job is MISSING since its year is over.
fn with_ended_year(fleet: &Fleet) -> View<'_> {
    let mut facts = fleet.facts();
    Arc::make_mut(&mut facts.jobs[1].standing).severity = Severity::Inactive;
    View::build(facts)
}

#[test]
fn what_is_not_watched_is_no_trouble() {
    let fleet = Fleet::of(&[("A", "a", Status::Success), ("A", "b_2024", Status::Missing)]);
    let view = with_ended_year(&fleet);
    let check = nagios::check(&view, None).text;
    assert!(check.starts_with("BACKUPMON OK: all good of 1 job |"), "{check}");
    assert!(check.contains(" missing=0;;0;0;1 "), "{check}");
    let mut site = BTreeMap::new();
    Site::new(&view)
        .lists(&recents(&view), &mut |path, content| {
            let mut bytes = Vec::new();
            content(&mut bytes)?;
            site.insert(path.to_owned(), String::from_utf8(bytes).unwrap());
            Ok(())
        })
        .unwrap();
    let index = &site["index.html"];
    assert!(index.contains("<b>1</b> Missing") && index.contains("because its year is over"), "and says so");
    assert!(index.contains("data-s=\"Mx\""), "its row says that it is not watched");
    assert!(index.contains("of 1 expected backup came and is good"), "the days are of watched jobs");
    assert!(site["metrics.prom"].contains("backupmon_jobs{status=\"MISSING\"} 1\n"));
}

#[test]
fn good_means_one_thing_in_every_output() {
    let mut fleet = Fleet::of(&[("A", "a", Status::Success), ("A", "b", Status::Success)]);
    fleet.jobs[0].0.state.warnings = vec![Warning::SizeJump];
    let view = fleet.view();
    assert_eq!((view.tally.verified, view.tally.good), (2, 1));
    assert!(fleet.site()["badge.svg"].contains("1 of 2"), "{}", fleet.site()["badge.svg"]);
    assert!(nagios::check(&view, None).text.contains("ok=1;;;0;2"));
}

#[test]
fn the_search_tells_a_held_job_and_a_corrupt_one_from_others() {
    let names: Vec<String> = (0..210).map(|n| format!("d{n}")).collect();
    let mut jobs: Vec<_> = names.iter().map(|name| ("A", name.as_str(), Status::Success)).collect();
    jobs[1].2 = Status::Corrupt;
    jobs[2].2 = Status::HashMismatch;
    let mut fleet = Fleet::of(&jobs);
    fleet.jobs[0].0.state.held = true;
    let site = fleet.site();
    let piece = &site["data/jobs-0.js"];
    for letters in [r"\tSH\t", r"\tIc\t", r"\tIh\t", r"\tS\t"] {
        assert!(piece.contains(letters), "{letters}: {}", &piece[..200]);
    }
    for word in [r#""C":"Corrupt""#, r#""I":"Hash mismatch""#, r#""held":"held""#] {
        assert!(site["index.html"].contains(word), "{word}");
    }
}

#[test]
fn a_french_page_says_no_word_of_the_program() {
    let mut fleet = Fleet::of(&[("A", "a", Status::Success)]);
    fleet.language = Language::from_code("fr").unwrap();
    fleet.effective.sources.insert("grace", Source::Rule(2));
    fleet.jobs[0].0.state.warnings = vec![Warning::SizeJump];
    let job = fleet.jobs[0].0.clone();
    let unreadable = Subject::agent(Problem::ReportUnreadable, "A");
    fleet.incidents =
        vec![Incident { subject: unreadable, cause: None, database: None, ..incident(5, &job) }];
    let site = fleet.site();
    for (path, page) in pages(&site) {
        for word in ["size_jump", "report_unreadable", "built in", "rule 2"] {
            assert!(!page.contains(word), "{path}: {word}");
        }
    }
    let page = &site[&job_path(&job.id)];
    for said in ["bien plus grosse que d", "règle 2", "valeur par défaut"] {
        assert!(page.contains(said), "{said}");
    }
}

#[test]
fn two_checksums_that_differ_are_never_said_to_agree_as_they_stand() {
    let fleet = Fleet::of(&[("A", "a", Status::Success)]);
    let job = &fleet.jobs[0].0;
    // What was reported is the decompressed content's, and the verdict is good.
    assert!(fleet.site()[&job_path(&job.id)].contains("that of the decompressed content, and agrees"));
}

#[test]
fn the_same_warning_of_an_agents_jobs_is_one_line() {
    let mut fleet = Fleet::of(&[
        ("A", "a", Status::Success),
        ("A", "b", Status::Success),
        ("A", "c", Status::Success),
        ("B", "d", Status::Success),
    ]);
    for (job, _) in &mut fleet.jobs {
        job.state.warnings = vec![Warning::ContentUnchecked];
    }
    let index = fleet.site()["index.html"].clone();
    let list = index.split("hlk").nth(2).and_then(|rest| rest.split("</section>").next()).unwrap();
    assert!(list.contains("3 jobs: content not checked"), "{list}");
    assert!(list.contains("B/d") && !list.contains("A/a"), "{list}");
}

#[test]
fn a_cause_says_what_it_is_about_and_what_to_do_there() {
    let mut fleet = Fleet::of(&[
        ("A", "absent", Status::Missing),
        ("A", "held", Status::Success),
        ("B", "first", Status::Failed),
        ("B", "second", Status::Failed),
        ("B", "third", Status::Failed),
    ]);
    let held = &mut fleet.jobs[1].0.state;
    held.held = true;
    held.message =
        Some("verified: SHA-256 of the staged file agrees; 2.5 kB is under half of the median 9 kB".into());
    let view = fleet.view();
    let of = |title: &str| view.troubles.iter().find(|t| t.title(&view) == title).unwrap();
    assert!(of("A/held").sentence.starts_with("2.5 kB is under half"), "{}", of("A/held").sentence);
    assert!(of("B").sentence.contains("For example first: "), "{}", of("B").sentence);
    // The agents of the fleet report every day.
    assert!(of("A/absent").next_step.contains("the agent is there"), "{}", of("A/absent").next_step);
    assert!(fleet.site()["index.html"].contains("Oldest last good copy"));
}
