#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| oracles::fixed_width::check(bytes));
