#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| backupmon_fuzz::printed(bytes));
