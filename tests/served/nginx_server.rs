//! A real nginx with the configuration of contrib, on loopback.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::harness::Site;

pub struct Server {
    nginx: Child,
    /// Held open: who writes into a pipe without a reader is killed.
    #[expect(dead_code, reason = "only held")]
    said: BufReader<ChildStderr>,
    pub port: u16,
}

impl Server {
    /// With the site's folder as its root.
    pub fn start(site: &Site) -> Self {
        let folder = site.path("nginx");
        fs::create_dir_all(folder.join("temporary")).unwrap();
        certificate(&folder);
        let hash = Command::new("openssl").args(["passwd", "-apr1", "secret"]).output().unwrap().stdout;
        fs::write(folder.join("htpasswd"), format!("ops:{}", String::from_utf8(hash).unwrap())).unwrap();
        // Of the ports that were free a moment ago one may be taken by now.
        (0..5).find_map(|_| Self::try_start(site, &folder)).expect("nginx listens")
    }

    fn try_start(site: &Site, folder: &Path) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        fs::write(folder.join("nginx.conf"), configuration(site, folder, port)).unwrap();
        let mut nginx = Command::new("nginx")
            .arg("-p")
            .arg(folder)
            .args(["-c", "nginx.conf", "-e", "stderr", "-g", "daemon off; error_log stderr notice;"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(nginx.stderr.take().unwrap());
        let mut line = String::new();
        while said.read_line(&mut line).unwrap() > 0 {
            if line.contains("start worker process") {
                return Some(Self { nginx, said, port });
            }
            line.clear();
        }
        nginx.wait().unwrap();
        None
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The master ends its worker; a kill would leave that behind.
        let _ = Command::new("kill").arg(self.nginx.id().to_string()).status();
        let _ = self.nginx.wait();
    }
}

fn certificate(folder: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(folder)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
}

/// The file of contrib with its places set, in what surrounds it on a Debian.
fn configuration(site: &Site, folder: &Path, port: u16) -> String {
    let contrib = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/nginx/backupmon.conf");
    let mut server = fs::read_to_string(contrib).unwrap();
    let here = |name: &str| folder.join(name).display().to_string();
    for (place, set) in [
        ("listen 443 ssl;", format!("listen 127.0.0.1:{port} ssl;")),
        ("listen [::]:443 ssl;", String::new()),
        ("/etc/ssl/private/backups.example.org.pem", here("cert.pem")),
        ("/etc/ssl/private/backups.example.org.key", here("key.pem")),
        ("/var/lib/backupmon/site", site.path("site").display().to_string()),
        (
            "auth_basic_user_file /etc/nginx/backupmon.htpasswd",
            format!("auth_basic_user_file {}", here("htpasswd")),
        ),
    ] {
        assert_eq!(server.matches(place).count(), 1, "{place}");
        server = server.replace(place, &set);
    }
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {};\n", here("temporary")))
        .concat();
    let user = if rustix::process::getuid().is_root() { "user root;" } else { "" };
    format!(
        "{user}\nworker_processes 1;\npid {};\nevents {{}}\nhttp {{\ninclude /etc/nginx/mime.types;\n\
         default_type application/octet-stream;\naccess_log off;\n{temporary}{server}}}\n",
        here("pid")
    )
}
