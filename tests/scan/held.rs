//! Held versions: what is suspicious never becomes current, and what ends a hold.

use std::collections::BTreeMap;

use backupmon::domain::entry::Hold;
use backupmon::domain::grouping::{Fleet, Shape, group};
use backupmon::domain::{Digest, Incident, JobKey, Problem, Severity, Status, Warning};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::dumps::{Dice, gzip, plain, zstd};
use crate::world::{World, good, key};

const A: &str = "SIRPACAM_DOUALA_NEWBELL";
const BEGIN: &str = "2026-06-15T08:00:00Z";

/// A good entry whose BACKUP section has the checksum and size of the dump before compression.
fn proven(file: &str, staged: &[u8], dump: &[u8]) -> Value {
    let mut entry = good(file, staged);
    entry["BACKUP"]["sha256"] = json!(Digest::of(dump).to_string());
    entry["BACKUP"]["size"] = json!(dump.len());
    entry
}

/// The next day's backup, with a right checksum, judged and promoted, and retention applied.
fn day(world: &mut World, file: &str, bytes: &[u8]) {
    world.pass(TimeDelta::days(1));
    world.dump(A, file, bytes);
    let own = world.now.to_rfc3339();
    world.report(A, &own, json!({"DB": good(file, bytes)}));
    world.run();
}

fn warnings(world: &World, job: &JobKey) -> Vec<Warning> {
    world.entries(job).last().unwrap().warnings.clone()
}

fn holds(world: &World) -> Vec<Incident> {
    let held = |incident: &Incident| incident.subject.kind.word() == Problem::VersionHeld.word();
    world.open_incidents().into_iter().filter(held).collect()
}

/// A world with ten good days behind it.
fn settled(dice: &mut Dice) -> World {
    let mut world = World::new(BEGIN, "");
    for _ in 0..10 {
        let rows = dice.between(1900, 2100);
        day(&mut world, "db.sql.gz", &gzip(&plain(rows, dice)));
    }
    assert!(holds(&world).is_empty());
    world
}

#[test]
fn a_suspicious_version_is_kept_beside_and_ended_by_an_unsuspicious_one() {
    let dice = &mut Dice::new(1);
    let mut world = settled(dice);
    let job = key(A, "DB");
    let before = world.job(&job).state;
    let encrypted = dice.bytes(30_000);
    day(&mut world, "db.sql.gz", &encrypted);
    assert_eq!((world.status(&job), warnings(&world, &job)), (Status::Success, vec![Warning::KindChanged]));
    let held = world.entries(&job).pop().unwrap();
    assert_eq!(held.hold, Some(Hold::Held));
    assert!(
        held.message.contains("unknown bytes, while 10 of the last 10 good held PostgreSQL"),
        "{}",
        held.message
    );
    let state = world.job(&job).state;
    assert!(state.held);
    assert_eq!(world.standing(&job).severity, Severity::Critical);
    assert_eq!((&state.good, &state.current_version), (&before.good, &before.current_version));
    assert_eq!(world.vault.current(&job).unwrap(), before.current_version);
    assert_eq!(state.last_success_at, before.last_success_at, "a held one is no good one");
    assert_eq!(holds(&world).len(), 1);
    assert_eq!(holds(&world)[0].severity, Severity::Critical);
    let versions = world.versions(&job);
    assert!(versions.iter().any(|version| version.held && Some(&version.name) == held.version.as_ref()));
    // The same bytes once more are held and not stored twice.
    day(&mut world, "db.sql.gz", &encrypted);
    assert_eq!(world.versions(&job).iter().filter(|version| version.held).count(), 1);
    assert_eq!(world.entries(&job).pop().unwrap().version, held.version);
    assert_eq!(holds(&world).len(), 1);
    // A failure opens the job's own incident; a held one after it ends that, and not the hold.
    world.pass(TimeDelta::days(1));
    world.report(A, &world.now.to_rfc3339(), json!({"DB": crate::world::failed("BACKUP", "x")}));
    world.run();
    assert_eq!(world.troubles(), ["version_held", "job"]);
    day(&mut world, "db.sql.gz", &dice.bytes(30_000));
    assert_eq!(world.troubles(), ["version_held"]);
    // A good one ends it, and is compared with the good ones only.
    let whole = gzip(&plain(2000, dice));
    day(&mut world, "db.sql.gz", &whole);
    assert!(world.troubles().is_empty() && !world.job(&job).state.held);
    assert_eq!(world.job(&job).state.good.unwrap().sha256, Digest::of(&whole));
    assert_eq!(world.vault.current(&job).unwrap(), world.job(&job).state.current_version);
    assert!(warnings(&world, &job).is_empty());
}

#[test]
fn only_a_drop_in_size_alone_ends_by_itself() {
    let dice = &mut Dice::new(2);
    let mut world = settled(dice);
    let job = key(A, "DB");
    let current = world.vault.current(&job).unwrap();
    for n in 1..=6 {
        let rows = dice.between(100, 150);
        day(&mut world, "db.sql.gz", &gzip(&plain(rows, dice)));
        assert_eq!(warnings(&world, &job), [Warning::SizeDrop], "day {n}");
        assert_eq!(world.vault.current(&job).unwrap(), current);
    }
    let seventh = gzip(&plain(120, dice));
    day(&mut world, "db.sql.gz", &seventh);
    assert!(warnings(&world, &job).is_empty() && holds(&world).is_empty());
    assert_eq!(world.job(&job).state.good.unwrap().sha256, Digest::of(&seventh));
    assert!(world.entries(&job).pop().unwrap().message.contains("7 backups in a row"));
    // From then on it is what is usual.
    day(&mut world, "db.sql.gz", &gzip(&plain(110, dice)));
    assert!(warnings(&world, &job).is_empty());
    day(&mut world, "db.sql.gz", &gzip(&plain(400, dice)));
    assert_eq!(warnings(&world, &job), [Warning::SizeJump]);
    day(&mut world, "db.sql.gz", &gzip(&plain(1, dice)));
    assert_eq!(warnings(&world, &job), [Warning::SizeDrop]);
    // Garbage of any constancy stays held.
    let mut world = settled(dice);
    for _ in 0..12 {
        day(&mut world, "db.sql.gz", &dice.bytes(500));
    }
    assert_eq!(holds(&world).len(), 1);
    assert_eq!(world.versions(&job).iter().filter(|version| version.held).count(), 3, "the first and two");
}

#[test]
fn the_content_is_proven_end_to_end_where_the_report_lets_it() {
    let dice = &mut Dice::new(3);
    let mut world = World::new(BEGIN, "");
    let job = key(A, "DB");
    let dump = plain(300, dice);
    let report = |world: &mut World, staged: &[u8], dump: &[u8]| {
        world.pass(TimeDelta::days(1));
        let own = world.now.to_rfc3339();
        world.report(A, &own, json!({"DB": proven("db.sql.zst", staged, dump)}));
        world.run();
        world.entries(&job).pop().unwrap()
    };
    let staged = zstd(&dump);
    world.dump(A, "db.sql.zst", &staged);
    let first = report(&mut world, &staged, &dump);
    assert!(first.message.contains("content proven end to end"), "{}", first.message);
    // The same file, not touched: proven by what is known of it.
    let second = report(&mut world, &staged, &dump);
    assert_eq!((second.status, second.warnings.len()), (Some(Status::Unchanged), 0));
    assert!(second.message.contains("content proven end to end"), "{}", second.message);
    // A new dump was made and the old one was sent.
    let other = plain(310, dice);
    let stale = report(&mut world, &staged, &other);
    assert_eq!((stale.status, stale.warnings), (Some(Status::Unchanged), vec![Warning::ContentShort]));
    assert_eq!(holds(&world).len(), 1);
    // Cut before it was compressed, at the end of a whole dump of another moment: nothing but BACKUP tells.
    let short = zstd(&plain(290, dice));
    world.dump(A, "db.sql.zst", &short);
    let cut = report(&mut world, &short, &other);
    assert_eq!((cut.status, cut.warnings), (Some(Status::Success), vec![Warning::ContentShort]));
    assert_eq!(world.vault.current(&job).unwrap(), first.version);
}

/// What a tar holds is not what BACKUP speaks of: no doubt follows, now or when the same file is reported again.
#[test]
fn a_tar_that_is_reported_again_is_not_doubted() {
    let mut world = World::new(BEGIN, "");
    let mut tar = vec![0; 512];
    tar[..8].copy_from_slice(b"dump.sql");
    tar[100..107].copy_from_slice(b"0000644");
    tar[124..135].copy_from_slice(b"00000000000");
    tar[148..156].copy_from_slice(b"        ");
    tar[156] = b'0';
    tar[257..263].copy_from_slice(b"ustar\0");
    tar[263..265].copy_from_slice(b"00");
    let sum: u32 = tar.iter().map(|byte| u32::from(*byte)).sum();
    tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    tar.resize(512 * 3, 0);
    let staged = gzip(&tar);
    world.dump(A, "db.tar.gz", &staged);
    for n in 0..2 {
        world.pass(TimeDelta::days(1));
        let own = world.now.to_rfc3339();
        world.report(A, &own, json!({"DB": proven("db.tar.gz", &staged, b"what the member holds")}));
        world.run();
        assert!(warnings(&world, &key(A, "DB")).is_empty(), "report {n}: {:?}", world.entries(&key(A, "DB")));
    }
}

#[test]
fn equal_bytes_under_two_names_warn_on_both() {
    let mut world = World::new(BEGIN, "");
    let entry = |file: &str, bytes: &[u8]| good(file, bytes);
    for (name, bytes) in [("one", b"same"), ("two", b"same"), ("three", b"else")] {
        world.dump(A, &format!("{name}.bin"), bytes);
    }
    for _ in 0..2 {
        world.pass(TimeDelta::days(1));
        let own = world.now.to_rfc3339();
        world.report(
            A,
            &own,
            json!({"ONE": entry("one.bin", b"same"), "TWO": entry("two.bin", b"same"), "THREE": entry("three.bin", b"else")}),
        );
        world.run();
        for (name, expected) in
            [("ONE", &[Warning::SameBytes][..]), ("TWO", &[Warning::SameBytes]), ("THREE", &[])]
        {
            assert_eq!(warnings(&world, &key(A, name)), expected, "{name}");
        }
        assert_eq!(world.standing(&key(A, "ONE")).severity, Severity::Warning);
    }
}

#[test]
fn a_job_that_always_changed_warns_when_it_no_longer_does() {
    let mut world = World::new(BEGIN, "");
    let job = key(A, "DB");
    for n in 1..=10_u8 {
        day(&mut world, "db.bin", &[n; 100]);
    }
    let told: Vec<usize> = (0..4)
        .map(|_| {
            day(&mut world, "db.bin", &[10; 100]);
            warnings(&world, &job).len()
        })
        .collect();
    assert_eq!(told, [0, 1, 1, 1], "from the second equal one on");
    assert!(world.entries(&job)[11].message.contains("10 of its last 10 were new"));
    assert_eq!((world.standing(&job).severity, world.troubles().len()), (Severity::Warning, 0));
    day(&mut world, "db.bin", b"new");
    assert!(warnings(&world, &job).iter().all(|warning| *warning == Warning::SizeDrop));
    // One that rarely changes never does.
    let mut world = World::new(BEGIN, "");
    for n in 0..40_u8 {
        day(&mut world, "db.bin", &[1 + n / 20; 100]);
        assert!(warnings(&world, &job).is_empty());
    }
}

/// What an encrypting intruder leaves where a dump was.
fn garbage(site: usize, database: usize, before: &[u8], dice: &mut Dice) -> Vec<u8> {
    match (site + database) % 4 {
        // The file as it lay there, in place.
        0 => dice.bytes(before.len()),
        // The database's own files, dumped and compressed by the agent as ever.
        1 => gzip(&dice.bytes(before.len() * 4)),
        2 => zstd(&dice.bytes(before.len())),
        // Hardly anything.
        _ => zstd(&dice.bytes(40)),
    }
}

#[test]
fn a_fleet_encrypted_for_four_weeks() {
    let mut world = World::new(BEGIN, "");
    let dice = &mut Dice::new(4);
    let jobs: Vec<(usize, usize, JobKey)> = (0..10)
        .flat_map(|site| (0..3).map(move |n| (site, n, key(&format!("SITE_{site}"), &format!("DB_{n}")))))
        .collect();
    let rows: Vec<usize> = jobs.iter().map(|_| dice.between(30, 300)).collect();
    let pack = |n: usize, bytes: &[u8]| if n.is_multiple_of(2) { gzip(bytes) } else { zstd(bytes) };
    let mut last: BTreeMap<JobKey, Vec<u8>> = BTreeMap::new();
    let mut night = |world: &mut World, encrypted: bool, last: &mut BTreeMap<JobKey, Vec<u8>>| {
        world.pass(TimeDelta::days(1));
        for site in 0..10 {
            let mut entries = json!({});
            for (index, (of, n, key)) in jobs.iter().enumerate().filter(|(_, (of, ..))| *of == site) {
                let bytes = if encrypted {
                    garbage(*of, *n, &last[key], dice)
                } else {
                    let rows = rows[index] * dice.between(90, 110) / 100;
                    pack(*n, &plain(rows, dice))
                };
                let file = format!("{}.dump", key.database);
                world.dump(key.agent.as_str(), &file, &bytes);
                entries[key.database.as_str()] = good(&file, &bytes);
                if !encrypted {
                    last.insert(key.clone(), bytes);
                }
            }
            let own = world.now.to_rfc3339();
            world.report(&format!("SITE_{site}"), &own, entries);
        }
        assert!(world.run().not_done.is_empty());
    };
    for _ in 0..14 {
        night(&mut world, false, &mut last);
    }
    assert!(world.troubles().is_empty(), "{:?}", world.troubles());
    let before: Vec<(Option<String>, Vec<String>)> = jobs
        .iter()
        .map(|(_, _, key)| (world.vault.current(key).unwrap(), world.vault.names(key).unwrap()))
        .collect();

    for _ in 0..28 {
        night(&mut world, true, &mut last);
    }
    let mut kept = 0;
    for ((_, _, key), (current, names)) in jobs.iter().zip(&before) {
        assert_eq!(world.vault.current(key).unwrap(), *current, "{key}");
        let now = world.vault.list(key).unwrap().versions;
        for name in names {
            let version = now.iter().find(|version| version.record.version == *name);
            assert!(version.is_some_and(|version| !version.held), "{key}: {name} is gone");
            kept += 1;
        }
        assert_eq!(
            now.iter().filter(|version| version.held).count(),
            3,
            "{key}: the first and the newest two"
        );
        assert_eq!(world.job(key).state.good.unwrap().sha256, Digest::of(&last[key]));
    }
    let held = holds(&world);
    let all: Vec<&Incident> = held.iter().collect();
    let causes = group(&all, &all, &Fleet::new());
    assert_eq!((held.len(), causes.len()), (30, 10), "one cause for each site");
    assert!(causes.iter().all(|cause| cause.shape == Shape::HeldTogether));

    night(&mut world, false, &mut last);
    assert!(world.troubles().is_empty());
    for ((_, _, key), (current, names)) in jobs.iter().zip(&before) {
        assert_ne!(world.vault.current(key).unwrap(), *current);
        assert!(names.iter().filter(|name| world.vault.has(key, name)).count() >= 2, "{key}");
    }
    println!(
        "840 encrypted backups of 30 jobs: 0 became current, {kept} of {kept} versions from before still there"
    );
}

#[test]
fn a_held_backup_that_was_only_scanned_is_copied_by_the_next_promotion() {
    let dice = &mut Dice::new(5);
    let mut world = settled(dice);
    let (job, bytes) = (key(A, "DB"), dice.bytes(20_000));
    world.pass(TimeDelta::days(1));
    world.dump(A, "db.sql.gz", &bytes);
    let own = world.now.to_rfc3339();
    world.report(A, &own, json!({"DB": good("db.sql.gz", &bytes)}));
    world.scan_only();
    assert_eq!((world.entries(&job).pop().unwrap().version, holds(&world).len()), (None, 1));
    let current = world.vault.current(&job).unwrap();
    for _ in 0..2 {
        world.pass(TimeDelta::minutes(15)).run();
        let held: Vec<_> = world.versions(&job).into_iter().filter(|version| version.held).collect();
        assert_eq!((held.len(), held[0].sha256), (1, Digest::of(&bytes)));
        assert_eq!(held[0].warnings, [Warning::KindChanged]);
        assert_eq!(world.vault.current(&job).unwrap(), current);
    }
}
