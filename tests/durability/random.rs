//! Chance that repeats itself for a seed.

/// What `PORTGATE_SEED` says; otherwise another with each run. It is printed, so that a run can be repeated.
pub(crate) fn seed() -> u64 {
    let set = std::env::var("PORTGATE_SEED").ok().and_then(|text| text.parse().ok());
    let seed = set.unwrap_or_else(|| u64::from(std::process::id()));
    println!("seed {seed}");
    seed
}

/// SplitMix64: all that is asked of it is to repeat itself for a seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
