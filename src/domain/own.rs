//! What an operator set on one job: nearly always nothing, and then it takes one word.

use std::ops::{Deref, DerefMut};

use super::{Labels, Settings};

/// Labels or settings of a job itself. Reads as they do; a fleet of 20,000 jobs that inherit all keeps none of them.
#[derive(Debug, Clone, Default)]
pub struct Own<T>(Option<Box<T>>);

/// What can be set, and how it reads while nothing is.
pub trait Unset: PartialEq + Default + 'static {
    fn unset() -> &'static Self;
}

impl Unset for Labels {
    fn unset() -> &'static Self {
        static NONE: Labels = Labels { company: None, city: None, neighborhood: None, year: None };
        &NONE
    }
}

impl Unset for Settings {
    fn unset() -> &'static Self {
        static NONE: Settings = Settings::NONE;
        &NONE
    }
}

impl<T: Unset> Own<T> {
    /// Something is set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        **self != *T::unset()
    }
}

impl<T: Unset> Deref for Own<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Some(set) => set,
            None => T::unset(),
        }
    }
}

impl<T: Unset> DerefMut for Own<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: Unset> From<T> for Own<T> {
    fn from(given: T) -> Self {
        Self((given != *T::unset()).then(|| Box::new(given)))
    }
}

impl<T: Unset> PartialEq for Own<T> {
    /// What was set and taken back again is nothing.
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_kept_and_what_is_taken_back_is_nothing() {
        let mut own = Own::<Settings>::default();
        assert_eq!(*own, Settings::default());
        assert!(!own.is_set());
        own.keep_last = Some(3);
        assert!(own.is_set());
        assert_eq!(*own, Settings { keep_last: Some(3), ..Settings::default() });
        own.keep_last = None;
        assert_eq!(own, Own::default());
        assert!(Own::from(Settings::clone(&own)).0.is_none());
        assert_eq!(size_of::<Own<Labels>>(), size_of::<usize>());
    }
}
