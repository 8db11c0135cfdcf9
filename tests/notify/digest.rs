//! The daily digest.

use backupmon::notify::SendError;
use backupmon::render::mail::Overview;
use backupmon::store::MailKind;

use crate::world::{ADA, GRACE, World, job, parse};

fn text(world: &mut World) -> String {
    world.run();
    let mails = world.recording.take();
    assert_eq!(mails.len(), 1);
    parse(&mails[0]).body_text(0).unwrap().into_owned()
}

#[test]
fn the_first_goes_at_the_first_such_time_after_the_state_was_created() {
    let mut world = World::new();
    world.book.overview = Overview { good: 2, watched: 2, ..Overview::default() };
    assert_eq!(world.subjects(), [""; 0]);
    assert_eq!(world.at("2025-06-21T06:59:59Z").subjects(), [""; 0]);
    assert_eq!(
        world.at("2025-06-21T07:00:00Z").subjects(),
        ["[backupmon] digest: nothing to remind of, all 2 good"]
    );
    assert_eq!(world.at("2025-06-21T23:00:00Z").subjects(), [""; 0]);
    assert_eq!(world.at("2025-06-25T12:00:00Z").subjects().len(), 1, "of several that were missed, one");
    assert_eq!(world.at("2025-06-26T06:00:00Z").subjects(), [""; 0]);
    assert_eq!(world.at("2025-06-26T07:00:00Z").subjects().len(), 1);
}

#[test]
fn a_digest_takes_the_news_along_and_is_the_only_mail_of_the_run() {
    let mut world = World::new();
    world.raise("A", "old", "no_report");
    assert_eq!(world.subjects().len(), 1);
    world.at("2025-06-21T07:00:00Z").raise("A", "new", "truncated");
    let text = text(&mut world);
    let (news, rest) = text.split_once("STILL OPEN").unwrap();
    assert!(news.contains("A/new: the backup is cut off") && !news.contains("A/old"), "{text}");
    assert!(rest.contains("A/old: no report came in time") && !rest.contains("A/new"), "{text}");
    assert_eq!(world.wait(120).subjects(), [""; 0], "what the digest told is told");
    world.resolve(&job("A", "new"));
    assert_eq!(world.subjects(), ["[backupmon] 1 resolved: A/new"]);
}

#[test]
fn it_reminds_for_a_week_then_on_mondays_and_not_of_what_somebody_took_on() {
    let mut world = World::new();
    world.raise("A", "old", "no_report");
    let taken = world.raise("B", "taken", "no_report");
    world.acknowledge(taken, "new disk");
    assert_eq!(world.subjects().len(), 1, "an acknowledged incident is told all the same");
    for (day, reminded) in [("21", true), ("27", true), ("28", false), ("29", false), ("30", true)] {
        let text = text(world.at(&format!("2025-06-{day}T07:00:00Z")));
        assert_eq!(text.contains("A/old: no report"), reminded, "{day}: {text}");
        assert_eq!(text.contains("1 open for over a week"), !reminded, "{day}: {text}");
        assert!(text.contains("B/taken: by ada until it is resolved: new disk"), "{text}");
        assert!(!text.contains("B/taken: no report"), "{text}");
    }
}

#[test]
fn who_is_told_of_some_jobs_only_gets_one_when_there_is_something_to_remind_of() {
    let mut world = World::new();
    world.book.by_agent.insert("B".to_owned(), vec![GRACE.to_owned()]);
    world.raise("B", "one", "no_report");
    assert_eq!(world.told().len(), 1);
    let told = world.at("2025-06-21T07:00:00Z").told();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0], (GRACE.to_owned(), "[backupmon] digest: 1 critical still open".to_owned()));
    world.resolve(&job("B", "one"));
    assert_eq!(world.wait(60).told().len(), 1);
    world.at("2025-06-22T07:00:00Z").run();
    assert_eq!(world.recording.take().iter().map(|mail| mail.recipient.as_str()).collect::<Vec<_>>(), [ADA]);
    // What was told after the time of the digest is nothing to remind of on the same day.
    world.at("2025-06-22T09:00:00Z").raise("B", "two", "no_report");
    assert_eq!(world.told(), [(GRACE.to_owned(), "[backupmon] 1 critical: B/two".to_owned())]);
    assert_eq!(world.wait(120).told(), []);
}

#[test]
fn it_says_that_others_cannot_be_reached() {
    let mut world = World::new();
    world.book.by_agent.insert("B".to_owned(), vec![GRACE.to_owned()]);
    world.recording.fail(GRACE, Some(SendError::transient("451 later")));
    world.raise("B", "one", "no_report");
    assert!(world.run().unheard);
    let text = text(world.at("2025-06-21T07:00:00Z"));
    assert!(
        text.contains("1 message to another recipient is not delivered, since Fri 20 Jun 2025, 10:00 WAT."),
        "{text}"
    );
}

#[test]
fn a_digest_that_reaches_nobody_is_a_message_that_reached_nobody() {
    let mut world = World::new();
    world.book.default.push(GRACE.to_owned());
    world.recording.fail(GRACE, Some(SendError::transient("451 later")));
    let delivery = world.at("2025-06-21T07:00:00Z").run();
    assert_eq!((delivery.sent, delivery.unheard), (1, false));
    world.recording.fail(ADA, Some(SendError::transient("451 later")));
    assert!(world.at("2025-06-22T07:00:00Z").run().unheard);
    assert!(world.waiting().iter().all(|mail| mail.kind == MailKind::Digest));
}
