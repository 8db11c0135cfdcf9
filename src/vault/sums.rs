//! `SHA256SUMS`, as `sha256sum -c` of coreutils reads it.

use crate::domain::Digest;

/// One line for a file of that digest. A name with a backslash or a line break is escaped, and the line then begins with
/// a backslash.
#[must_use]
pub fn line(sha256: &Digest, name: &str) -> String {
    // A bare dash would mean the standard input.
    let name = if name == "-" { "./-" } else { name };
    let escaped = name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
    let mark = if escaped == name { "" } else { "\\" };
    format!("{mark}{sha256}  {escaped}\n")
}

/// Digest and name of the one line; `None` when it is not one that [`line`] writes.
pub(super) fn parse(text: &str) -> Option<(Digest, String)> {
    let line = text.strip_suffix('\n')?;
    let (is_escaped, line) = line.strip_prefix('\\').map_or((false, line), |rest| (true, rest));
    let (digest, name) = line.split_once("  ")?;
    let name = if is_escaped { unescape(name)? } else { name.to_owned() };
    Some((digest.parse().ok()?, name.strip_prefix("./").unwrap_or(&name).to_owned()))
}

fn unescape(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next()? {
                '\\' => '\\',
                'n' => '\n',
                'r' => '\r',
                _ => return None,
            },
            c => c,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const HURTING: [&str; 11] =
        ["a b.sql", "a\nb", "a\\nb", "\\", "a\rb", "-", "-c", " x", "*x", "#x", "é 😀 'q' \"d\" $(x)"];

    #[test]
    fn the_real_sha256sum_accepts_every_name_and_notices_a_changed_byte() {
        for name in HURTING {
            let root = tempfile::tempdir().unwrap();
            std::fs::write(root.path().join(name), "dump").unwrap();
            std::fs::write(root.path().join("SHA256SUMS"), line(&Digest::of(b"dump"), name)).unwrap();
            let accepts = || {
                let mut check = Command::new("sha256sum");
                check.args(["--strict", "-c", "SHA256SUMS"]).current_dir(root.path());
                check.output().expect("coreutils are installed").status.success()
            };
            assert!(accepts(), "{name:?}");
            std::fs::write(root.path().join(name), "dumb").unwrap();
            assert!(!accepts(), "{name:?}");
        }
    }

    #[test]
    fn a_line_is_read_back_and_junk_is_not() {
        let digest = Digest::of(b"x");
        for name in HURTING {
            assert_eq!(parse(&line(&digest, name)), Some((digest, name.to_owned())), "{name:?}");
        }
        for junk in ["", "\n", "abc  x\n", &format!("{digest}  x"), &format!("\\{digest}  a\\q\n")] {
            assert_eq!(parse(junk), None, "{junk:?}");
        }
    }
}
