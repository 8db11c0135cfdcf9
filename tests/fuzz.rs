//! The corpus of the fuzz targets, on a stable compiler: what was once of interest is read again by each `cargo test`.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::path::Path;

#[test]
fn the_corpus_is_read_without_a_panic() {
    let mut counts = Vec::new();
    for (name, target) in targets::TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
        let mut count = 0;
        for file in fs::read_dir(&folder).unwrap() {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            target(&bytes);
            // Cut anywhere, and with a bit turned, it is something else that others could have written.
            for at in (0..bytes.len()).step_by(bytes.len().div_ceil(64).max(1)) {
                target(&bytes[..at]);
                let mut turned = bytes.clone();
                turned[at] ^= 1 << (at % 8);
                target(&turned);
            }
            count += 1;
        }
        assert!(count >= 5, "{}: {count} inputs", folder.display());
        counts.push(format!("{name} {count}"));
    }
    println!("fuzz corpus: {}", counts.join(", "));
}
