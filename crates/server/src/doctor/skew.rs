//! How far our clock is from WeChat's, by the `Date` of an answer.

use super::finding::{Finding, Question, words};

/// WeChat refuses a request whose timestamp is off by more than this, in seconds; so do we with its
/// answers. Source: pay.weixin.qq.com/doc/v3/merchant/4012072670.
const REFUSED_BEYOND_S: u64 = 300;
/// Beyond this, somebody should look before it becomes worse, in seconds.
const HEALTHY_BELOW_S: u64 = 120;

/// `skew_s` is our time minus WeChat's, in seconds; `None` when no answer told.
pub fn clock_skew(skew_s: Option<i64>) -> Finding {
    let question = Question::ClockSkew;
    let Some(skew) = skew_s else {
        let answer = words(
            "时钟误差未知：没有收到带 Date 的应答",
            "clock skew is unknown: no answer had a Date",
        );
        return Finding::not_asked(question, answer);
    };
    let (zh, en) = if skew < 0 {
        ("慢", "behind")
    } else {
        ("快", "ahead")
    };
    let seconds = skew.unsigned_abs();
    let answer = words(
        format!("本机时钟比微信{zh} {seconds} 秒"),
        format!("this clock is {seconds} s {en}"),
    );
    let advice = words(
        "启用时间同步：timedatectl set-ntp true，或安装 chrony",
        "turn on time synchronisation: timedatectl set-ntp true, or install chrony",
    );
    match seconds {
        0..HEALTHY_BELOW_S => Finding::good(question, answer),
        HEALTHY_BELOW_S..=REFUSED_BEYOND_S => Finding::warning(question, answer).advise(advice),
        _ => Finding::bad(question, answer).advise(advice),
    }
}

#[cfg(test)]
mod tests {
    use super::clock_skew;
    use crate::doctor::Verdict;

    #[test]
    fn two_minutes_are_well_and_five_are_too_much() {
        for (skew, verdict) in [
            (0, Verdict::Good),
            (-119, Verdict::Good),
            (120, Verdict::Warning),
            (-300, Verdict::Warning),
            (301, Verdict::Bad),
            (i64::MIN, Verdict::Bad),
        ] {
            let found = clock_skew(Some(skew));
            assert_eq!(found.verdict, verdict, "{skew}");
        }
        assert_eq!(clock_skew(Some(-60)).answer.en, "this clock is 60 s behind");
        assert_eq!(clock_skew(None).verdict, Verdict::NotAsked);
    }
}
