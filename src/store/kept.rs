//! The bytes of every judged or rejected report, compressed, under the state's folder.
