//! Less than all of a table, for who asks whether a planted bug is seen.

/// The cases that the environment asks for, and whether these are all.
pub fn of<T>(cases: Vec<T>, name: impl Fn(&T) -> &str) -> (Vec<T>, bool) {
    let all = cases.len();
    let wanted = std::env::var("FAULTS_WORK").unwrap_or_default();
    let cases: Vec<T> = cases.into_iter().filter(|case| name(case).contains(&wanted)).collect();
    let most = std::env::var("FAULTS_MOST").map_or(usize::MAX, |most| most.parse().expect("a number"));
    let apart = cases.len().div_ceil(most.max(1)).max(1);
    let cases: Vec<T> = cases.into_iter().step_by(apart).collect();
    let is_all = cases.len() == all;
    (cases, is_all)
}

/// Whether the first that harms is enough.
pub fn until_broken() -> bool {
    std::env::var_os("FAULTS_UNTIL_BROKEN").is_some()
}
