//! The size of a job's last good backups, as a line in its row, and how far the newest is from their median.

use std::fmt::Write as _;

/// Good backups that it shows.
const SHOWN: usize = 15;
const WIDTH: u64 = 56;
const HEIGHT: u64 = 14;

/// A line and the dot at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trend {
    pub path: String,
    pub x: u64,
    pub y: u64,
}

/// `sizes` are of the last good backups, the oldest first.
pub fn line(sizes: &[u64]) -> Option<Trend> {
    let sizes = &sizes[sizes.len().saturating_sub(SHOWN)..];
    let steps = u64::try_from(sizes.len()).ok()?.checked_sub(1).filter(|steps| *steps > 0)?;
    let least = sizes.iter().min().copied()? / 10 * 8;
    // What hardly changes is a flat line.
    let most = sizes.iter().max().copied()?.max(least / 2 * 3).max(least + 1);
    let y = |size: u64| 2 + HEIGHT - share(size - least, most - least, HEIGHT);
    let mut trend = Trend { path: String::new(), x: 0, y: 0 };
    for (nth, size) in (0..).zip(sizes) {
        (trend.x, trend.y) = (share(nth, steps, WIDTH), y(*size));
        let lead = if nth == 0 { 'M' } else { 'L' };
        let _infallible = write!(trend.path, "{lead}{} {}", trend.x, trend.y);
    }
    Some(trend)
}

/// `n` of `of`, in units of a `whole`.
fn share(n: u64, of: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(n) * u128::from(whole) / u128::from(of.max(1))).unwrap_or(whole).min(whole)
}

/// How the newest size is to the median of those before it, in percent; `None` below three of them.
pub fn change(newest: u64, before: &[u64]) -> Option<i64> {
    let mut before = before[before.len().saturating_sub(SHOWN - 1)..].to_vec();
    if before.len() < 3 {
        return None;
    }
    before.sort_unstable();
    let median = i128::from(before[before.len() / 2]);
    let change = (i128::from(newest) - median) * 100 / median.max(1);
    Some(i64::try_from(change.clamp(-100, 9_999)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_needs_two_points_and_stays_in_its_box() {
        assert_eq!(line(&[]), None);
        assert_eq!(line(&[7]), None);
        let trend = line(&[100, 200, u64::MAX]).unwrap();
        assert_eq!((trend.x, trend.y), (56, 2));
        assert!(trend.path.starts_with("M0 16L28 16L56 2"), "{}", trend.path);
        assert_eq!(line(&[5; 40]).unwrap().path.matches('L').count(), SHOWN - 1);
        assert!(line(&[0, 0]).is_some());
    }

    #[test]
    fn the_newest_is_compared_with_the_median_of_those_before() {
        assert_eq!(change(90, &[100, 100]), None);
        assert_eq!(change(59, &[100, 100, 100, 7]), Some(-41));
        assert_eq!(change(u64::MAX, &[1, 1, 1]), Some(9_999));
        assert_eq!(change(0, &[0, 0, 0]), Some(0));
    }
}
