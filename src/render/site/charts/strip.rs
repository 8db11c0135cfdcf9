//! Thirty days in one line: calm is low and trouble is tall, so that it reads without colour.

use std::fmt::Write as _;

use crate::render::recent::Mark;
use crate::render::words::Words;

/// A strip of one job, or of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strip {
    /// One per class.
    pub paths: Vec<(char, String)>,
    /// `S27L2I1`: runs of marks, which scripts read; empty for several jobs.
    pub code: String,
    pub label: String,
}

/// Of one job, the oldest day first.
pub fn of_job(words: &Words, marks: &[Mark]) -> Strip {
    Strip { paths: paths(marks), code: encode(marks), label: label(words, marks) }
}

fn runs(marks: &[Mark]) -> impl Iterator<Item = (Mark, usize)> + '_ {
    marks.chunk_by(|a, b| a == b).map(|run| (run[0], run.len()))
}

/// `S27L2I1`.
pub fn encode(marks: &[Mark]) -> String {
    let mut code = String::new();
    for (mark, days) in runs(marks) {
        let _infallible = write!(code, "{}{days}", mark.letter());
    }
    code
}

/// One path per mark, ten units high, a unit per day.
fn paths(marks: &[Mark]) -> Vec<(char, String)> {
    let mut paths: Vec<(char, String)> = Vec::new();
    let mut x = 0;
    for (mark, days) in runs(marks) {
        let drawn = silhouette(mark, x, days);
        x += days;
        if drawn.is_empty() {
            continue;
        }
        match paths.iter_mut().find(|(letter, _)| *letter == mark.letter()) {
            Some((_, path)) => path.push_str(&drawn),
            None => paths.push((mark.letter(), drawn)),
        }
    }
    paths
}

/// `n` days from `x` on. The script of the site draws the same.
fn silhouette(mark: Mark, x: usize, n: usize) -> String {
    let block = |top: &str, height: &str| format!("M{x} {top}h{n}v{height}h-{n}z");
    let two = |first: &str, height: &str, gap: &str, second: &str| {
        format!("M{x} {first}h{n}v{height}h-{n}zm0 {gap}h{n}v{second}h-{n}z")
    };
    match mark {
        Mark::Nothing => String::new(),
        Mark::Good => block("5", "5"),
        Mark::Unchanged => block("7.5", "2.5"),
        Mark::Late => block("2", "8"),
        Mark::Failed => block("0", "10"),
        Mark::Paused => block("8.6", "1.4"),
        Mark::Integrity => two("0", "4", "6", "4"),
        Mark::Held => two("0", "2", "4", "6"),
        // Hollow, day by day.
        Mark::Missing => (x..x + n).fold(String::new(), |mut path, x| {
            let _infallible = write!(path, "M{x} 0h.78v10h-.78zm.2 1.3v7.4h.38v-7.4z");
            path
        }),
    }
}

/// `Last 30 days: Missing 2, Success 28`.
fn label(words: &Words, marks: &[Mark]) -> String {
    let count = |mark: Mark| marks.iter().filter(|m| **m == mark).count();
    let said: Vec<String> = Mark::WORST_FIRST
        .into_iter()
        .map(|mark| (mark, count(mark)))
        .filter(|(_, n)| *n > 0)
        .map(|(mark, n)| format!("{} {n}", word(words, mark)))
        .collect();
    let said = if said.is_empty() { words.text("mark-nothing").to_owned() } else { said.join(", ") };
    words.say("strip", [("said", said.into())])
}

/// What a mark means.
pub fn word(words: &Words, mark: Mark) -> &str {
    match mark {
        Mark::Nothing => words.text("mark-nothing"),
        Mark::Good => words.text("status-success"),
        Mark::Unchanged => words.text("status-unchanged"),
        Mark::Late => words.text("status-late"),
        Mark::Missing => words.text("status-missing"),
        Mark::Failed => words.text("status-failed"),
        Mark::Integrity => words.text("mark-integrity"),
        Mark::Held => words.text("mark-held"),
        Mark::Paused => words.text("status-paused"),
    }
}

/// How many backups of a day were expected, had trouble and were late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day {
    pub expected: usize,
    pub bad: usize,
    pub late: usize,
}

/// The days of several jobs, the oldest first.
pub fn sum<'m, const N: usize>(jobs: impl IntoIterator<Item = &'m [Mark; N]>) -> [Day; N] {
    let mut days = [Day::default(); N];
    for marks in jobs {
        for (day, mark) in days.iter_mut().zip(marks) {
            day.expected += usize::from(mark.is_expected());
            day.bad += usize::from(mark.is_bad());
            day.late += usize::from(*mark == Mark::Late);
        }
    }
    days
}

/// How a day of several jobs looks: where the calm part begins, and the class and height of what hangs from above it.
type Look = Option<(usize, Option<(char, usize, usize)>)>;

fn look(day: &Day) -> Look {
    match (day.expected, day.bad, day.late) {
        (0, ..) => None,
        (_, 0, 0) => Some((5, None)),
        (expected, 0, late) => Some((2, Some(('L', 2, (8 * late / expected).max(2))))),
        (expected, bad, _) => Some((0, Some(('F', 0, (10 * bad / expected).max(3))))),
    }
}

/// Of several jobs: low where all went well, the share of those in trouble from above.
pub fn of_several(words: &Words, days: &[Day]) -> Strip {
    let mut paths = [('S', String::new()), ('L', String::new()), ('F', String::new())];
    let looks: Vec<Look> = days.iter().map(look).collect();
    let mut x = 0;
    for run in looks.chunk_by(|a, b| a == b) {
        let n = run.len();
        if let Some((top, trouble)) = run[0] {
            let _infallible = write!(paths[0].1, "M{x} {top}h{n}v{}h-{n}z", 10 - top);
            if let Some((letter, y, height)) = trouble
                && let Some((_, path)) = paths.iter_mut().find(|(class, _)| *class == letter)
            {
                let _infallible = write!(path, "M{x} {y}h{n}v{height}h-{n}z");
            }
        }
        x += n;
    }
    let expected: usize = days.iter().map(|day| day.expected).sum();
    let good = expected - days.iter().map(|day| day.bad).sum::<usize>();
    let label = words.say("strip-several", [("n", good.into()), ("total", expected.into())]);
    let paths = paths.into_iter().filter(|(_, path)| !path.is_empty()).collect();
    Strip { paths, code: String::new(), label }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Language;

    fn words() -> &'static Words {
        Language::from_code("en").unwrap().words()
    }

    #[test]
    fn runs_are_one_piece_and_every_state_has_a_silhouette() {
        let marks = [Mark::Good, Mark::Good, Mark::Nothing, Mark::Missing, Mark::Missing, Mark::Good];
        let strip = of_job(words(), &marks);
        assert_eq!(strip.code, "S2.1M2S1");
        assert_eq!(strip.paths[0], ('S', "M0 5h2v5h-2zM5 5h1v5h-1z".to_owned()));
        assert_eq!(strip.paths[1].1.matches('M').count(), 2);
        assert_eq!(strip.label, "Last 30 days: Missing 2, Success 3");
        let all = Mark::WORST_FIRST.map(|mark| silhouette(mark, 0, 1));
        assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn trouble_of_one_among_many_is_still_seen() {
        let day = Day { expected: 400, bad: 1, late: 0 };
        let calm = Day { expected: 400, ..Day::default() };
        let strip = of_several(words(), &[calm, day, Day::default()]);
        assert_eq!(strip.paths[1], ('F', "M1 0h1v3h-1z".to_owned()));
        assert_eq!(strip.label, "Last 30 days: 799 of 800 expected backups came and are good");
    }

    #[test]
    fn days_are_summed_over_jobs() {
        let days = sum([&[Mark::Good, Mark::Missing], &[Mark::Late, Mark::Paused]]);
        assert_eq!(days, [Day { expected: 2, bad: 0, late: 1 }, Day { expected: 1, bad: 1, late: 0 }]);
    }
}
