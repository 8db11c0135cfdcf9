use std::process::ExitCode;

fn main() -> ExitCode {
    backupmon::commands::main(std::env::args_os())
}
