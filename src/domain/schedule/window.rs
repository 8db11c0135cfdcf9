//! Stretches of time in which nothing is due: pauses and maintenance.

use std::borrow::Cow;

use chrono::TimeDelta;

use crate::domain::Time;

/// A stretch of time, half-open: `from` inside, `until` outside. `None`: no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub from: Time,
    pub until: Option<Time>,
}

impl Window {
    #[must_use]
    pub fn contains(&self, time: Time) -> bool {
        self.from <= time && self.until.is_none_or(|until| time < until)
    }

    /// The same time covered by as few windows as possible, in order; windows that touch become one, empty ones go.
    #[must_use]
    pub fn merged(mut windows: Vec<Self>) -> Vec<Self> {
        windows.retain(|window| !window.is_empty());
        windows.sort_by_key(|window| window.from);
        let mut merged: Vec<Self> = Vec::with_capacity(windows.len());
        for window in windows {
            match merged.last_mut() {
                Some(last) if last.until.is_none_or(|until| window.from <= until) => {
                    // No end is later than any end.
                    last.until = last.until.zip(window.until).map(|(a, b)| a.max(b));
                }
                _ => merged.push(window),
            }
        }
        merged
    }

    fn is_empty(&self) -> bool {
        self.until.is_some_and(|until| until <= self.from)
    }

    fn ends_before(&self, next: &Self) -> bool {
        self.until.is_some_and(|until| until < next.from)
    }
}

/// Merged windows, and the clock that stands still inside them.
pub(super) struct Pauses<'a> {
    windows: Cow<'a, [Window]>,
}

impl<'a> Pauses<'a> {
    /// Takes windows in any order; copies them only when they are not merged yet.
    pub(super) fn new(windows: &'a [Window]) -> Self {
        let is_merged = windows.is_sorted_by(Window::ends_before) && !windows.iter().any(Window::is_empty);
        let windows =
            if is_merged { Cow::Borrowed(windows) } else { Cow::Owned(Window::merged(windows.to_vec())) };
        Self { windows }
    }

    /// The window that a moment lies in.
    pub(super) fn around(&self, time: Time) -> Option<Window> {
        let begun = self.windows.partition_point(|window| window.from <= time);
        self.windows[..begun].last().filter(|window| window.contains(time)).copied()
    }

    /// The last window that begins after the due time and not after the deadline of a cycle that is due outside all.
    pub(super) fn reaching(&self, due: Time, deadline: Time) -> Option<Window> {
        let begun = self.windows.partition_point(|window| window.from <= deadline);
        self.windows[..begun].last().filter(|window| due < window.from).copied()
    }

    /// The moment outside all windows at which `span` has passed outside them since `from`.
    /// `None` when a window without end comes first, or at the end of representable time.
    pub(super) fn advance(&self, from: Time, span: TimeDelta) -> Option<Time> {
        let passed = self.windows.partition_point(|window| window.until.is_some_and(|until| until <= from));
        let mut cursor = from;
        let mut left = span;
        for window in &self.windows[passed..] {
            let running = (window.from - cursor).max(TimeDelta::zero());
            // What ends just as the window begins ends inside it, and so only when it is over.
            if left < running {
                break;
            }
            left -= running;
            cursor = window.until?;
        }
        cursor.checked_add_signed(left)
    }

    /// How much time passes outside the windows from `from` until `to`; zero when `to` comes first.
    pub(super) fn running(&self, from: Time, to: Time) -> TimeDelta {
        let inside = self.windows.iter().fold(TimeDelta::zero(), |sum, window| {
            let begin = window.from.max(from);
            let end = window.until.map_or(to, |until| until.min(to));
            sum + (end - begin).max(TimeDelta::zero())
        });
        (to - from).max(TimeDelta::zero()) - inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(n: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::hours(n)
    }

    fn window(from: i64, until: Option<i64>) -> Window {
        Window { from: hour(from), until: until.map(hour) }
    }

    #[test]
    fn windows_merge_in_any_order() {
        let mess = vec![
            window(50, None),
            window(10, Some(12)),
            window(60, Some(61)),
            window(5, Some(8)),
            window(7, Some(10)),
            window(20, Some(20)),
            window(30, Some(25)),
            window(6, Some(7)),
        ];
        let merged = Window::merged(mess);
        assert_eq!(merged, [window(5, Some(12)), window(50, None)]);
        assert_eq!(Window::merged(merged.clone()), merged);
    }

    #[test]
    fn the_clock_stands_still_inside() {
        let windows = [window(20, Some(30)), window(10, Some(12)), window(40, None)];
        let pauses = Pauses::new(&windows);
        let ahead = |from, span| pauses.advance(hour(from), TimeDelta::hours(span));
        assert_eq!(ahead(0, 9), Some(hour(9)));
        assert_eq!(ahead(0, 10), Some(hour(12)), "what ends as a window begins ends with the window");
        assert_eq!(ahead(0, 11), Some(hour(13)));
        assert_eq!(ahead(11, 0), Some(hour(12)));
        assert_eq!(ahead(10, 1), Some(hour(13)));
        assert_eq!(ahead(0, 19), Some(hour(31)));
        assert_eq!(ahead(0, 28), None);
        assert_eq!(ahead(45, 0), None);
        assert_eq!(ahead(12, 7), Some(hour(19)));
        assert_eq!(pauses.running(hour(0), hour(11)), TimeDelta::hours(10));
        assert_eq!(pauses.running(hour(11), hour(35)), TimeDelta::hours(13));
        assert_eq!(pauses.running(hour(35), hour(90)), TimeDelta::hours(5));
        assert_eq!(pauses.running(hour(5), hour(4)), TimeDelta::zero());
    }
}
