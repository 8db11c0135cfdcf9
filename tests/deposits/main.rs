//! The files of `contrib/deposits` are tried as they are: sshd and rsyncd run with them on the loopback, in a namespace of
//! their own, and an honest and a stolen agent do what they can.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

/// Fewer looks than the script has, and it did not come to its end.
const LOOKS: usize = 36;

/// As `try.sh` needs it.
fn namespace() -> Command {
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]);
    unshare
}

/// Why nothing can be tried here.
fn missing() -> Option<String> {
    if !rustix::process::getuid().is_root() {
        return Some("only root can start these servers".to_owned());
    }
    for (program, package) in [
        ("/usr/sbin/sshd", "openssh-server"),
        ("/usr/bin/sftp", "openssh-client"),
        ("/usr/bin/rsync", "rsync"),
    ] {
        if !Path::new(program).exists() {
            return Some(format!("{program} is not there (apt install {package})"));
        }
    }
    let tried = namespace().args(["mount", "-t", "tmpfs", "tmpfs", "/srv"]).output();
    (!tried.is_ok_and(|tried| tried.status.success()))
        .then(|| "there are no mount namespaces here".to_owned())
}

/// Ports that were free a moment ago.
fn ports() -> [String; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind(("127.0.0.1", 0)).unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port().to_string())
}

#[test]
fn an_agent_can_send_and_nothing_else() {
    if let Some(reason) = missing() {
        let _ = writeln!(std::io::stderr(), "skipped: deposits: {reason}");
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut script = namespace();
    script.arg(root.join("tests/deposits/try.sh")).arg(root.join("contrib/deposits")).args(ports());
    let output =
        Command::new("timeout").arg("120").arg(script.get_program()).args(script.get_args()).output();
    let output = output.unwrap();
    let (said, complaints) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!said.contains("BROKEN"), "{said}{complaints}");
    let looks = said.lines().filter(|line| line.starts_with("ok ")).count();
    assert!(looks >= LOOKS, "{looks} looks, then the end:\n{said}{complaints}");
}
