use proptest::prelude::*;

use super::{Fen, FenError};

fn fen(amount: i64) -> Fen {
    Fen::new(amount).unwrap()
}

#[test]
fn an_amount_lies_between_zero_and_the_ceiling() {
    assert_eq!(Fen::new(-1), Err(FenError::Negative(-1)));
    assert_eq!(Fen::new(0), Ok(Fen::ZERO));
    assert_eq!(Fen::new(1_000_000_000), Ok(Fen::MAX));
    assert_eq!(
        Fen::new(1_000_000_001),
        Err(FenError::AboveLimit(1_000_000_001))
    );
    assert!(Fen::ZERO.is_zero() && !fen(1).is_zero());
}

#[test]
fn arithmetic_refuses_what_leaves_the_bounds() {
    assert_eq!(fen(10).plus(fen(5)), Ok(fen(15)));
    assert_eq!(
        Fen::MAX.plus(fen(1)),
        Err(FenError::AboveLimit(1_000_000_001))
    );
    assert_eq!(fen(10).minus(fen(10)), Some(Fen::ZERO));
    assert_eq!(fen(10).minus(fen(11)), None);
    assert_eq!(fen(1790).times(3), Ok(fen(5370)));
    assert_eq!(fen(1790).times(0), Ok(Fen::ZERO));
    assert!(matches!(
        Fen::MAX.times(u32::MAX),
        Err(FenError::AboveLimit(_))
    ));
}

#[test]
fn yuan_text_has_no_decimals_or_two() {
    for (text, amount) in [
        ("17.90", 1790),
        ("17", 1700),
        ("0", 0),
        ("0.01", 1),
        ("10000000.00", 1_000_000_000),
    ] {
        assert_eq!(Fen::from_yuan(text), Ok(fen(amount)), "{text}");
    }
}

#[test]
fn text_that_is_not_plainly_yuan_is_refused() {
    for text in [
        "", ".", ".5", "17.", "17.9", "17.900", "-1.00", "+1.00", " 1.00", "1.00 ", "1,000.00",
        "017.90", "00", "1e3", "１.00", "1.0０", "¥1.00", "`17.90", "1.-1", "NaN",
    ] {
        assert!(
            matches!(Fen::from_yuan(text), Err(FenError::NotYuan(_))),
            "{text}"
        );
    }
}

#[test]
fn yuan_text_above_the_ceiling_says_so_however_long_it_is() {
    assert_eq!(
        Fen::from_yuan("10000000.01"),
        Err(FenError::AboveLimit(1_000_000_001))
    );
    assert_eq!(
        Fen::from_yuan(&"9".repeat(500)),
        Err(FenError::AboveLimit(i64::MAX))
    );
}

#[test]
fn a_refused_text_is_shown_but_not_at_length() {
    let Err(FenError::NotYuan(shown)) = Fen::from_yuan(&"元".repeat(500)) else {
        panic!("500 characters were taken for an amount");
    };
    assert_eq!(shown.chars().count(), 32);
}

#[test]
fn on_the_wire_it_is_an_integer_within_bounds() {
    assert_eq!(serde_json::to_string(&fen(1790)).unwrap(), "1790");
    assert_eq!(serde_json::from_str::<Fen>("1790").unwrap(), fen(1790));
    for text in [
        "-1",
        "1000000001",
        "17.90",
        "1790.0",
        "\"1790\"",
        "null",
        "1e3",
    ] {
        assert!(serde_json::from_str::<Fen>(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn yuan_text_round_trips(amount in 0..=Fen::MAX.get()) {
        let amount = fen(amount);
        prop_assert_eq!(Fen::from_yuan(&amount.to_string()), Ok(amount));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,40}") {
        if let Ok(amount) = Fen::from_yuan(&text) {
            let written = amount.to_string();
            prop_assert_eq!(written, if text.contains('.') { text } else { text + ".00" });
        }
    }

    #[test]
    fn what_was_added_can_be_taken_away(a in 0..=500_000_000_i64, b in 0..=500_000_000_i64) {
        let sum = fen(a).plus(fen(b)).unwrap();
        prop_assert_eq!(sum.minus(fen(b)), Some(fen(a)));
    }
}
