//! Whether each mini program's AppID and AppSecret are taken by WeChat.

use secrecy::ExposeSecret;
use wechatpay::{AppId, AppSecret, InvalidValue, LoginError, MiniProgram, TokenMode};

use super::finding::{Finding, Question, words};
use crate::config::{AppConfig, Merchant};
use crate::merchant::Wiring;

/// One finding for each app. Asks for the stable access token in its present form, which disturbs
/// nobody who uses it.
pub(crate) async fn examine(merchant: &Merchant, wiring: &Wiring) -> Vec<Finding> {
    let mut findings = Vec::new();
    for app in &merchant.apps {
        let failure = match mini_program(app, wiring) {
            Err(fault) => Some(unusable(app, &fault)),
            Ok(program) => {
                let token = program.stable_access_token(TokenMode::Present).await;
                token.err().map(|error| explain(&app.app_id, &error))
            }
        };
        findings.push(failure.unwrap_or_else(|| taken(&app.app_id)));
    }
    findings
}

fn mini_program(app: &AppConfig, wiring: &Wiring) -> Result<MiniProgram, InvalidValue> {
    Ok(MiniProgram::new(
        AppId::new(app.app_id.as_str())?,
        AppSecret::new(app.app_secret.expose_secret())?,
        wiring.transport.clone(),
        wiring.ambient.clone(),
        &wiring.endpoints,
    ))
}

fn unusable(app: &AppConfig, fault: &InvalidValue) -> Finding {
    let app_id = &app.app_id;
    let answer = words(
        format!("{app_id} 的 AppID 或 AppSecret 格式不对：{fault}"),
        format!("the app_id or app_secret of {app_id} is not lawful: {fault}"),
    );
    Finding::bad(Question::Login, answer)
}

fn taken(app_id: &str) -> Finding {
    let answer = words(
        format!("{app_id} 的 AppID 与 AppSecret 有效"),
        format!("AppID and AppSecret of {app_id} are valid"),
    );
    Finding::good(Question::Login, answer)
}

/// What a refusal means for the operator.
pub fn explain(app_id: &str, error: &LoginError) -> Finding {
    let answer = words(
        format!("{app_id} 登录凭据未通过：{error}"),
        format!("the login credentials of {app_id} were not taken: {error}"),
    );
    let finding = match error {
        LoginError::Busy
        | LoginError::TooMany(_)
        | LoginError::Unavailable { .. }
        | LoginError::Transport(_) => {
            let again = words(
                "稍后再试；检查出网与 wechat.login_url",
                "try again; check the way out",
            );
            return Finding::warning(Question::Login, answer).advise(again);
        }
        _ => Finding::bad(Question::Login, answer),
    };
    finding.advise(match error {
        LoginError::AppIdInvalid(_) => words(
            "40013：AppID 不对；在 小程序后台 → 开发管理 → 开发设置 复制 AppID",
            "40013: copy the AppID from the mini program's console",
        ),
        LoginError::SecretInvalid(_) => words(
            "40125/40001：AppSecret 不对或已重置；在 小程序后台 → 开发管理 重置并更新 app_secret",
            "40125/40001: the AppSecret is wrong or was reset; make a new one in the console",
        ),
        LoginError::SecretFrozen => words(
            "40243：AppSecret 已被冻结；在小程序后台解冻",
            "40243: unfreeze the AppSecret in the mini program's console",
        ),
        LoginError::AddressNotAllowed(_) => words(
            "40164：把上面的出口 IP 加入 小程序后台 → 开发设置 → IP 白名单",
            "40164: put the address above on the IP allow-list of the mini program's console",
        ),
        _ => words("按微信的说明处理", "do as WeChat says"),
    })
}

#[cfg(test)]
mod tests {
    use wechatpay::LoginError;

    use super::explain;
    use crate::doctor::Verdict;

    #[test]
    fn each_refusal_says_what_to_do() {
        for (error, verdict, advice) in [
            (LoginError::AppIdInvalid(40013), Verdict::Bad, "40013"),
            (
                LoginError::SecretInvalid(40125),
                Verdict::Bad,
                "重置并更新 app_secret",
            ),
            (LoginError::SecretFrozen, Verdict::Bad, "40243"),
            (
                LoginError::AddressNotAllowed("ip 1.2.3.4".to_owned()),
                Verdict::Bad,
                "IP 白名单",
            ),
            (LoginError::Busy, Verdict::Warning, "稍后再试"),
            (LoginError::Undecodable, Verdict::Bad, "按微信的说明"),
        ] {
            let finding = explain("wx0123456789abcdef", &error);
            assert_eq!(finding.verdict, verdict, "{error}");
            assert!(finding.advice[0].zh.contains(advice), "{error}");
        }
    }
}
