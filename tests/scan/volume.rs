//! Agents that deposit more than a scan can read: the others are served all the same, and what is left is told.

use std::fs;
use std::io::Write as _;

use backupmon::domain::Status;
use backupmon::source::deposit::{DepositTree, FolderNames};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::world::{World, good, key};

const ENDLESS: u64 = 8 << 40;
const HONEST: &str = "ZZ_HONEST_AGENT";

/// A deposit on the disk, for a file that is none in memory.
fn deposit(world: &World, agent: &str, name: &str, databases: &Value) {
    let log = world.path("deposits").join(agent).join("log");
    fs::create_dir_all(&log).unwrap();
    fs::create_dir_all(log.with_file_name("databases")).unwrap();
    let report = json!({"agent_id": agent, "operation_end_time": world.now, "databases": databases});
    fs::write(log.join(name), report.to_string()).unwrap();
}

fn dump(world: &World, agent: &str, file: &str) -> fs::File {
    let folder = world.path("deposits").join(agent).join("databases");
    fs::create_dir_all(&folder).unwrap();
    fs::File::create(folder.join(file)).unwrap()
}

#[test]
fn files_without_end_delay_nobody_and_end_with_the_deadline() {
    let mut world = World::new("2026-06-15T08:00:00Z", "[scan]\nthreads = 2\ntrial_days = 0");
    // More readers' worth of endless files than there are readers, before the honest agent's in any order of names.
    for agent in ["A_STOLEN", "B_STOLEN", "C_STOLEN"] {
        dump(&world, agent, "endless.bin").set_len(ENDLESS).unwrap();
        let claim = good("endless.bin", b"whatever");
        deposit(&world, agent, "1.json", &json!({"ONE": claim, "TWO": good("absent.bin", b"x")}));
    }
    let source = DepositTree::new(vec![world.path("deposits")], FolderNames::default());
    let (job, endless) = (key(HONEST, "DB"), key("A_STOLEN", "ONE"));
    world.time_for = 4 << 20;
    for (day, bytes) in [b"first day", b"other day"].into_iter().enumerate() {
        dump(&world, HONEST, "db.bin").write_all(bytes).unwrap();
        deposit(&world, HONEST, &format!("{day}.json"), &json!({"DB": good("db.bin", bytes)}));
        let summary = world.scan_source(&source);
        assert_eq!(world.status(&job), Status::Success, "{:?}", summary.not_done);
        assert_eq!(summary.versions_promoted, 1);
        assert_eq!(summary.not_done, ["the run's deadline came with 3 files unread; the next run goes on"]);
        assert!(world.standing(&endless).verifying && world.history(&endless).is_empty());
        world.pass(TimeDelta::hours(24));
    }
    // The third day: what waits to be read for so long is told.
    world.scan_source(&source);
    assert!(world.troubles().contains(&"backlog"), "{:?}", world.troubles());
}
