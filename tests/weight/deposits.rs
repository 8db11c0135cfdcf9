//! Deposits of agents with 50 small dumps each, all in one report.

use std::fs;
use std::path::Path;

use backupmon::domain::Digest;
use serde_json::{Map, json};

use crate::fleet::{JOBS_EACH, agent_id};

pub fn deposit(root: &Path, agents: usize) {
    for n in 0..agents {
        let agent = agent_id(n);
        let folder = root.join(agent.as_str());
        fs::create_dir_all(folder.join("log")).unwrap();
        fs::create_dir_all(folder.join("databases")).unwrap();
        let mut databases = Map::new();
        for m in 0..JOBS_EACH {
            let database = format!("SDMC_{n:03}_{m:02}_2026");
            let file = format!("{database}.sql");
            let dump = format!(
                "-- PostgreSQL database dump\n\nCREATE TABLE t{n}_{m} (a int);\n\n-- PostgreSQL database dump complete\n--\n\n"
            );
            fs::write(folder.join("databases").join(&file), &dump).unwrap();
            let step = json!({"status": true});
            let sha256 = Digest::of(dump.as_bytes()).to_string();
            databases.insert(
                database,
                json!({
                    "BACKUP": step,
                    "COMPRESS": {"status": true, "sha256_checksum": sha256, "size": dump.len()},
                    "TRANSFER": step,
                    "staged_file_name": file,
                }),
            );
        }
        let report = json!({"agent_id": agent.as_str(), "databases": databases});
        fs::write(folder.join("log/report.json"), report.to_string()).unwrap();
    }
}
