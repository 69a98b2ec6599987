#![no_main]
//! A Parquet table row by row: what a regulator's registry comes in.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let limits = discover::RowLimits {
        rows_max: 10_000,
        unpacked_bytes_max: 4 << 20,
        group_bytes_max: 1 << 20,
        cell_chars_max: 500,
    };
    let _ = discover::parquet_rows(data, &limits, &mut |_, _| true);
});
