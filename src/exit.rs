//! How backupmon ends: exit codes as one documented type, and how an error and its mend are printed.

use std::fmt::{self, Write as _};
use std::process::ExitCode;

/// How a command ended. A bad backup is a finding and no failure, unless `--fail-on` asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: it did its work, whatever it found; also when another run holds the lock and makes progress.
    Done,
    /// 1: something that it had to do was not done (a mail not sent, a promotion that failed), and the rest is done.
    Incomplete,
    /// 2: wrong usage or configuration; nothing was done.
    Usage,
    /// 3: a finding as bad as `--fail-on` names.
    Found,
    /// What `check` says, in the codes of Nagios.
    Check(Nagios),
}

/// The codes of a Nagios plug-in. Every error of `check` itself is `Unknown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nagios {
    Ok,
    Warning,
    Critical,
    Unknown,
}

impl Exit {
    /// Code and meaning of all but `check`'s, for the man page and `--help`.
    pub const MEANINGS: [(u8, &'static str); 4] = [
        (0, "it did its work, whatever it found"),
        (1, "something that it had to do was not done, and the rest is done"),
        (2, "wrong usage or configuration"),
        (3, "a finding as bad as --fail-on names"),
    ];
    /// Code and meaning of `check`'s.
    pub const CHECK_MEANINGS: [(u8, &'static str); 4] =
        [(0, "OK"), (1, "WARNING"), (2, "CRITICAL"), (3, "UNKNOWN")];

    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Exit::Done | Exit::Check(Nagios::Ok) => 0,
            Exit::Incomplete | Exit::Check(Nagios::Warning) => 1,
            Exit::Usage | Exit::Check(Nagios::Critical) => 2,
            Exit::Found | Exit::Check(Nagios::Unknown) => 3,
        }
    }

    /// The one of two that must be told: what was not done comes before what was found, for a finding of half the
    /// work says nothing about the other half.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    fn rank(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Found => 1,
            Exit::Incomplete => 2,
            Exit::Usage => 3,
            Exit::Check(nagios) => match nagios {
                Nagios::Ok => 4,
                Nagios::Warning => 5,
                Nagios::Critical => 6,
                Nagios::Unknown => 7,
            },
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// An error with what follows from it for the caller: the exit and the mend.
#[derive(Debug)]
struct Advised {
    error: anyhow::Error,
    exit: Exit,
    hint: Option<String>,
}

impl fmt::Display for Advised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sentence(&self.error))
    }
}

impl std::error::Error for Advised {}

/// Says at the border who must act on an error, and how.
pub trait Advise<T> {
    /// Wrong usage or configuration: the caller must mend it, exit 2.
    ///
    /// # Errors
    /// The error itself.
    fn or_usage(self) -> anyhow::Result<T>;

    /// What to do about it: one sentence fragment, with the command where there is one.
    ///
    /// # Errors
    /// The error itself.
    fn hint(self, hint: impl Into<String>) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> Advise<T> for Result<T, E> {
    fn or_usage(self) -> anyhow::Result<T> {
        self.map_err(|error| Advised { exit: Exit::Usage, ..advised(error.into()) }.into())
    }

    fn hint(self, hint: impl Into<String>) -> anyhow::Result<T> {
        self.map_err(|error| {
            let inner = advised(error.into());
            // The hint that was given nearest to the cause knows best.
            Advised { hint: inner.hint.or_else(|| Some(hint.into())), ..inner }.into()
        })
    }
}

fn advised(error: anyhow::Error) -> Advised {
    let (exit, hint) = advice(&error);
    Advised { error, exit, hint }
}

fn advice(error: &anyhow::Error) -> (Exit, Option<String>) {
    match error.chain().find_map(|cause| cause.downcast_ref::<Advised>()) {
        Some(advised) => (advised.exit, advised.hint.clone()),
        None => (Exit::Incomplete, None),
    }
}

/// The exit of an error, and what to print on stderr: `error: …`, and `hint: …` where there is a mend.
#[must_use]
pub fn explain(error: &anyhow::Error) -> (Exit, String) {
    let (exit, hint) = advice(error);
    let mut text = format!("error: {}\n", harmless(&sentence(error)));
    if let Some(hint) = hint {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "hint: {}", harmless(&hint));
    }
    (exit, text)
}

/// The error and its causes as one sentence. Many errors print their cause themselves: what was said is not said again.
#[must_use]
pub fn sentence(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain() {
        let text = cause.to_string();
        if said.is_empty() {
            said = text;
        } else if !said.contains(&text) {
            said.push_str(": ");
            said.push_str(&text);
        }
    }
    said
}

/// The last defence of the terminal: no control character but the line break and the tab of a message that has several
/// lines.
fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim_end().chars() {
        if c.is_control() && c != '\n' && c != '\t' { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::io;

    use anyhow::Context as _;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot write `/x`: {source}")]
    struct Wrapping {
        source: io::Error,
    }

    fn full() -> anyhow::Error {
        Wrapping { source: io::Error::other("the disk is full") }.into()
    }

    #[test]
    fn nothing_is_said_twice_and_no_cause_is_lost() {
        let told = |error: &anyhow::Error| explain(error).1;
        assert_eq!(told(&full()), "error: cannot write `/x`: the disk is full\n");
        assert_eq!(
            told(&full().context("the site is not written")),
            "error: the site is not written: cannot write `/x`: the disk is full\n"
        );
        assert_eq!(told(&anyhow::anyhow!("a\x1b[31m\nb\n")), "error: a\\u{1b}[31m\nb\n");
    }

    #[test]
    fn advice_survives_what_is_wrapped_around_it() {
        let failed = || Err::<(), _>(full());
        assert_eq!(explain(&failed().unwrap_err()).0, Exit::Incomplete);
        let error =
            failed().or_usage().hint("free some space").hint("never mind").context("above").unwrap_err();
        let expected = "error: above: cannot write `/x`: the disk is full\nhint: free some space\n";
        assert_eq!(explain(&error), (Exit::Usage, expected.to_owned()));
        let error = failed().hint("free some space").or_usage().unwrap_err();
        assert_eq!(explain(&error).0, Exit::Usage);
        assert!(explain(&error).1.ends_with("hint: free some space\n"));
    }

    #[test]
    fn codes_are_those_of_the_manual_and_undone_work_outranks_a_finding() {
        let exits = [Exit::Done, Exit::Incomplete, Exit::Usage, Exit::Found];
        assert_eq!(exits.map(Exit::code), Exit::MEANINGS.map(|(code, _)| code));
        let checks = [Nagios::Ok, Nagios::Warning, Nagios::Critical, Nagios::Unknown];
        assert_eq!(checks.map(|n| Exit::Check(n).code()), Exit::CHECK_MEANINGS.map(|(code, _)| code));
        for (a, b, told) in [
            (Exit::Done, Exit::Found, Exit::Found),
            (Exit::Found, Exit::Incomplete, Exit::Incomplete),
            (Exit::Usage, Exit::Incomplete, Exit::Usage),
        ] {
            assert_eq!((a.and(b), b.and(a)), (told, told));
        }
    }
}
