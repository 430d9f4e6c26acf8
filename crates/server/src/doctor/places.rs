//! Where things are: WeChat's hosts, a proxy on the way, and the way back to us.

use super::finding::{Finding, Question, words};
use crate::config::{PublicHost, Wechat, host_of, is_loopback_url};

/// Variables that the HTTP client obeys.
const PROXY_VARIABLES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// Whether WeChat's hosts are really a sandbox on this machine.
pub fn is_sandbox(wechat: &Wechat) -> bool {
    is_loopback_url(&wechat.api_url)
}

/// Which WeChat is talked to.
pub fn hosts(wechat: &Wechat) -> Finding {
    let api = &wechat.api_url;
    if is_sandbox(wechat) {
        let answer = words(
            format!("微信接口指向本机沙箱 {api}，不会产生真实交易"),
            format!("WeChat is the sandbox at {api}: no real money moves"),
        );
        if is_loopback_url(&wechat.login_url) {
            return Finding::good(Question::Hosts, answer);
        }
        return Finding::warning(Question::Hosts, answer).advise(words(
            format!(
                "登录接口仍是 {}，请把 wechat.login_url 也指向沙箱",
                wechat.login_url
            ),
            format!(
                "logins still go to {}: set wechat.login_url as well",
                wechat.login_url
            ),
        ));
    }
    let answer = words(
        format!("微信接口 {api}（真实交易）"),
        format!("WeChat is {api}: real money"),
    );
    Finding::good(Question::Hosts, answer)
}

/// Which proxy, if any, stands between us and WeChat.
pub fn proxy(env: &[(String, String)]) -> Option<Finding> {
    let set = |name: &&&str| {
        env.iter()
            .any(|(known, value)| known == **name && !value.is_empty())
    };
    let name = PROXY_VARIABLES.iter().find(set)?;
    // The value may hold a password, so only its name is shown.
    let answer = words(
        format!("环境变量 {name} 设置了代理，微信看到的是代理的 IP"),
        format!("{name} is set: WeChat sees the address of that proxy"),
    );
    let advice = words(
        "若小程序后台或商户平台设置了 IP 白名单，请加入代理出口 IP；不需要代理则取消该变量",
        "put the proxy's outgoing address on every IP allow-list, or unset the variable",
    );
    Some(Finding::warning(Question::Proxy, answer).advise(advice))
}

/// Whether WeChat would accept the URL, and could reach it.
pub fn notify_url(url: &str, sandbox: bool) -> Finding {
    let question = Question::NotifyUrl;
    let host = host_of(url).unwrap_or_default();
    let unreachable = match PublicHost::of(host) {
        PublicHost::Named => None,
        PublicHost::Loopback => Some(words("是本机地址", "is this machine")),
        PublicHost::Address => Some(words("是 IP 地址而不是域名", "is an address, not a name")),
        PublicHost::PrivateName => Some(words("是内网名称", "is a private name")),
    };
    if let Some(why) = unreachable {
        let answer = words(
            format!("回调地址 {url} {}，微信无法访问", why.zh),
            format!("notify_url {url} {}: WeChat cannot reach it", why.en),
        );
        if sandbox {
            return Finding::warning(question, answer).advise(words(
                "沙箱可用；上线前请改为公网 https 域名",
                "fine with the sandbox; use a public https name before going live",
            ));
        }
        return Finding::bad(question, answer).advise(words(
            "设置 server.public_url 为公网 https 域名（国内服务器需备案）",
            "set server.public_url to a public https name",
        ));
    }
    if url.starts_with("http://") {
        let answer = words(
            format!("回调地址 {url} 不是 https"),
            format!("notify_url {url} is not https"),
        );
        return Finding::bad(question, answer).advise(words(
            "在反向代理上配置证书，并把 server.public_url 改为 https://…",
            "put a certificate on the reverse proxy and use https:// in server.public_url",
        ));
    }
    let answer = words(
        format!("回调地址合法 {url}"),
        format!("notify_url is lawful: {url}"),
    );
    Finding::good(question, answer)
}

#[cfg(test)]
mod tests {
    use super::{hosts, is_sandbox, notify_url, proxy};
    use crate::config::Config;
    use crate::doctor::Verdict;

    #[test]
    fn a_notification_url_must_be_public_and_encrypted() {
        for (url, real, sandbox) in [
            ("https://pay.example.com/v1/n", Verdict::Good, Verdict::Good),
            ("http://pay.example.com/v1/n", Verdict::Bad, Verdict::Bad),
            ("http://127.0.0.1:8080/v1/n", Verdict::Bad, Verdict::Warning),
            ("https://localhost/v1/n", Verdict::Bad, Verdict::Warning),
            ("https://10.0.0.7/v1/n", Verdict::Bad, Verdict::Warning),
            ("https://203.0.113.7/v1/n", Verdict::Bad, Verdict::Warning),
            ("https://pay.internal/v1/n", Verdict::Bad, Verdict::Warning),
            ("https://pay/v1/n", Verdict::Bad, Verdict::Warning),
        ] {
            assert_eq!(notify_url(url, false).verdict, real, "{url}");
            assert_eq!(notify_url(url, true).verdict, sandbox, "{url}");
        }
    }

    #[test]
    fn the_sandbox_is_called_by_its_name() {
        let real = Config::from_toml("").unwrap().wechat;
        assert!(!is_sandbox(&real) && hosts(&real).answer.en.contains("real money"));
        for url in [
            "http://127.0.0.1:8090",
            "http://localhost:8090",
            "http://[::1]:8090",
        ] {
            let text = format!("[wechat]\napi_url = \"{url}\"\nlogin_url = \"{url}\"\n");
            let wechat = Config::from_toml(&text).unwrap().wechat;
            assert!(
                is_sandbox(&wechat) && hosts(&wechat).answer.zh.contains("沙箱"),
                "{url}"
            );
        }
    }

    #[test]
    fn a_proxy_is_named_without_its_password() {
        let env = |value: &str| vec![("https_proxy".to_owned(), value.to_owned())];
        let found = proxy(&env("http://me:HUSH@proxy:3128")).expect("a proxy");
        assert!(!format!("{found:?}").contains("HUSH"));
        assert_eq!(proxy(&env("")), None);
    }
}
