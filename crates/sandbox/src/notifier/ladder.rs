//! When a failed notification is sent again.

/// Seconds after each failed sending: 15s 15s 30s 3m 10m 20m 30m 30m 30m 60m 3h 3h 3h 6h 6h.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012791861. Whether the first sending counts among
/// the 15 is uncertain; here it does not.
pub(super) const LADDER: [i64; 15] = [
    15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_ends_after_24_hours_and_4_minutes() {
        assert_eq!(LADDER.iter().sum::<i64>(), 24 * 3600 + 4 * 60);
    }
}
