//! Where the time goes: how long each step of the last backups took, by the agent's own words.

use super::{At, Chart, Shape, count, float};
use crate::domain::Entry;
use crate::render::view::View;
use crate::render::words::Words;

const WIDTH: f64 = 600.0;
const LEFT: f64 = 78.0;
const ROW: f64 = 17.0;
/// Backups that it shows.
const SHOWN: usize = 14;
const CLASSES: [&str; 3] = ["p1", "p2", "p3"];

/// A chart, and the step that took longest in the newest backup.
pub struct Steps {
    pub chart: Chart,
    pub longest: String,
}

/// `newest_first` is the job's history. `None` where no agent said how long a step took.
pub fn chart(view: &View, newest_first: &[Entry]) -> Option<Steps> {
    let words = view.words();
    let said: Vec<(&Entry, [u64; 3])> =
        newest_first.iter().filter_map(|entry| Some((entry, seconds(entry)?))).take(SHOWN).collect();
    let most = said.iter().map(|(_, steps)| steps.iter().sum()).max().filter(|most: &u64| *most > 0)?;
    let scale = (WIDTH - LEFT - 62.0) / self::whole(most);
    let mut shapes = Vec::new();
    for (nth, (entry, steps)) in said.iter().enumerate() {
        let y = count(nth) * ROW + 2.0;
        let day = words.day(view.day(entry.report_time.unwrap_or(entry.judged_at)));
        shapes.push(Shape::text("end", (LEFT - 8.0, y + 11.0), day));
        let mut x = LEFT;
        for ((step, class), name) in steps.iter().zip(CLASSES).zip(names(words)).filter(|((s, _), _)| **s > 0)
        {
            let width = whole(*step) * scale;
            let title = format!("{name}: {}", clock(*step));
            shapes.push(Shape::bar(class, (x, y), ((width - 1.0).max(0.8), 12.0)).titled(title));
            x += width;
        }
        shapes.push(Shape::text("start", (x + 6.0, y + 11.0), clock(steps.iter().sum())));
    }
    let (_, newest) = said.first()?;
    let (name, seconds) = names(words).into_iter().zip(*newest).max_by_key(|(_, seconds)| *seconds)?;
    let longest = words.say("longest-step", [("step", name.into()), ("time", clock(seconds).into())]);
    let height = count(said.len()) * ROW + 4.0;
    let chart = Chart { width: At(WIDTH), height: At(height), label: longest.clone(), shapes };
    Some(Steps { chart, longest })
}

fn whole(seconds: u64) -> f64 {
    float(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// Of the three steps, in their order.
pub fn names(words: &Words) -> [&str; 3] {
    [words.text("step-backup"), words.text("step-compress"), words.text("step-transfer")]
}

/// Of the three steps; `None` where the agent said nothing of any.
pub fn seconds(entry: &Entry) -> Option<[u64; 3]> {
    let said = entry.agent_seconds;
    let steps = [said.backup, said.compress, said.transfer];
    steps.iter().any(Option::is_some).then(|| steps.map(Option::unwrap_or_default))
}

/// `8:33`, or `1:08:33`.
pub fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_reads_as_on_a_clock() {
        assert_eq!([0, 59, 513, 3600, 90_061].map(clock).join(" "), "0:00 0:59 8:33 1:00:00 25:01:01");
    }
}
