//! The program as a person or cron meets it: exit code, what is printed, and what lies on the disk afterwards.
//!
//! Each file tells one story through [`harness::Site`]. What a rule means is tested below the binary; here is tested
//! that the rule arrives at the one who typed the command.

mod agree;
mod alerts;
mod bad_input;
mod behind;
mod care;
mod copies;
mod damaged_state;
mod disk;
#[allow(dead_code, reason = "the faults run under another program too")]
mod harness;
mod held;
mod history;
mod io_errors;
mod jobs;
mod life;
mod lost_state;
mod mail;
mod main_job;
mod one_dump;
mod outgoing;
mod pages;
mod report;
mod run;
mod secrets;
mod shapes;
mod two_roots;
mod two_servers;
mod versions;
mod wall;
