//! The four prepay requests.
//!
//! Source: pay.weixin.qq.com/doc/v3/merchant/4012791856 (JSAPI), 4012791897 (mini program).

use serde::Deserialize;

use super::pattern::{NOTIFY_URL, ORDER_NUMBER};
use super::schema::{Field, Rule, Text, optional, required, shaped, text};
use crate::ledger::Product;

/// No upper bound is documented for a single payment; this is the one of a part of a combined
/// payment: 10,000,000 yuan.
pub(super) const MAX_TOTAL: i64 = 1_000_000_000;
/// The documentation gives no bound for counts and unit prices either.
const ANY: Rule = Rule::Integer {
    min: 0,
    max: i64::MAX,
};
/// Counts start at one.
const COUNT: Rule = Rule::Integer {
    min: 1,
    max: i64::MAX,
};

/// The rule for `out_trade_no`, in the body and in the path.
pub(crate) const OUT_TRADE_NO: Text = Text {
    min: 6,
    max: 32,
    pattern: Some(ORDER_NUMBER),
};
/// The rule for `mchid`.
pub(crate) const MCHID: Text = Text {
    min: 1,
    max: 32,
    pattern: None,
};

const AMOUNT: &[Field] = &[
    required(
        "total",
        "总金额",
        Rule::Integer {
            min: 1,
            max: MAX_TOTAL,
        },
    ),
    optional("currency", "货币类型", Rule::Word(&["CNY"])),
];
const PAYER: &[Field] = &[required("openid", "用户标识", text(1, 128))];
const GOODS: Rule = Rule::Object(&[
    required("merchant_goods_id", "商户侧商品编码", text(1, 32)),
    optional("wechatpay_goods_id", "微信支付商品编码", text(1, 32)),
    optional("goods_name", "商品名称", text(1, 256)),
    required("quantity", "商品数量", COUNT),
    required("unit_price", "商品单价", ANY),
]);
const DETAIL: Rule = Rule::BoundedObject {
    fields: &[
        optional("cost_price", "订单原价", ANY),
        optional("invoice_id", "商品小票ID", text(1, 32)),
        optional("goods_detail", "单品列表", Rule::List(&GOODS)),
    ],
    max_bytes: 6144,
};
const STORE: Rule = Rule::Object(&[
    required("id", "门店编号", text(1, 32)),
    optional("name", "门店名称", text(1, 256)),
    optional("area_code", "地区编码", text(1, 32)),
    optional("address", "详细地址", text(1, 512)),
]);
const SCENE: Rule = Rule::Object(&[
    required("payer_client_ip", "用户终端IP", text(1, 45)),
    optional("device_id", "商户端设备号", text(1, 32)),
    optional("store_info", "商户门店信息", STORE),
]);
const H5: Rule = Rule::Object(&[
    required("type", "场景类型", Rule::Word(&["Wap", "iOS", "Android"])),
    optional("app_name", "应用名称", text(1, 64)),
    optional("app_url", "网站URL", text(1, 128)),
    optional("bundle_id", "iOS平台BundleID", text(1, 128)),
    optional("package_name", "Android平台PackageName", text(1, 128)),
]);
const H5_SCENE: Rule = Rule::Object(&[
    required("payer_client_ip", "用户终端IP", text(1, 45)),
    optional("device_id", "商户端设备号", text(1, 32)),
    optional("store_info", "商户门店信息", STORE),
    required("h5_info", "H5场景信息", H5),
]);
const SETTLE: Rule = Rule::Object(&[optional("profit_sharing", "是否指定分账", Rule::Flag)]);
const LIMITS: Rule = Rule::Word(&["no_balance", "no_credit", "no_debit", "balance_only"]);

const APPID: Field = required("appid", "公众账号ID", text(1, 32));
const OWN_MCHID: Field = required("mchid", "商户号", Rule::Text(MCHID));
const DESCRIPTION: Field = required("description", "商品描述", text(1, 127));
const NUMBER: Field = required("out_trade_no", "商户订单号", Rule::Text(OUT_TRADE_NO));
const TIME_EXPIRE: Field = optional("time_expire", "支付结束时间", Rule::Time);
const ATTACH: Field = optional("attach", "商户数据包", text(1, 128));
const NOTIFY: Field = required("notify_url", "商户回调地址", shaped(1, 255, NOTIFY_URL));
const GOODS_TAG: Field = optional("goods_tag", "订单优惠标记", text(1, 32));
const LIMIT_PAY: Field = optional("limit_pay", "指定支付方式", Rule::List(&LIMITS));
const FAPIAO: Field = optional("support_fapiao", "电子发票入口开放标识", Rule::Flag);
const TOTAL: Field = required("amount", "订单金额", Rule::Object(AMOUNT));
const DISCOUNTS: Field = optional("detail", "优惠功能", DETAIL);
const SETTLEMENT: Field = optional("settle_info", "结算信息", SETTLE);

const JSAPI: &[Field] = &[
    APPID,
    OWN_MCHID,
    DESCRIPTION,
    NUMBER,
    TIME_EXPIRE,
    ATTACH,
    NOTIFY,
    GOODS_TAG,
    LIMIT_PAY,
    FAPIAO,
    TOTAL,
    required("payer", "支付者", Rule::Object(PAYER)),
    DISCOUNTS,
    optional("scene_info", "场景信息", SCENE),
    SETTLEMENT,
];
const APP_AND_NATIVE: &[Field] = &[
    APPID,
    OWN_MCHID,
    DESCRIPTION,
    NUMBER,
    TIME_EXPIRE,
    ATTACH,
    NOTIFY,
    GOODS_TAG,
    LIMIT_PAY,
    FAPIAO,
    TOTAL,
    DISCOUNTS,
    optional("scene_info", "场景信息", SCENE),
    SETTLEMENT,
];
const MOBILE_BROWSER: &[Field] = &[
    APPID,
    OWN_MCHID,
    DESCRIPTION,
    NUMBER,
    TIME_EXPIRE,
    ATTACH,
    NOTIFY,
    GOODS_TAG,
    LIMIT_PAY,
    FAPIAO,
    TOTAL,
    DISCOUNTS,
    required("scene_info", "场景信息", H5_SCENE),
    SETTLEMENT,
];

/// The table of a product.
pub(crate) fn fields(product: Product) -> &'static [Field] {
    match product {
        Product::Jsapi => JSAPI,
        Product::App | Product::Native => APP_AND_NATIVE,
        Product::H5 => MOBILE_BROWSER,
    }
}

/// A prepay request that has passed its table; members that the sandbox does nothing with are
/// kept only in the raw body.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PrepayRequest {
    /// The mini program.
    pub appid: String,
    /// The merchant.
    pub mchid: String,
    /// Shown in the cashier.
    pub description: String,
    /// The merchant's number.
    pub out_trade_no: String,
    /// The last moment.
    pub time_expire: Option<jiff::Timestamp>,
    /// Comes back.
    pub attach: Option<String>,
    /// Where the notification goes.
    pub notify_url: String,
    /// How much.
    pub amount: Amount,
    /// JSAPI only.
    pub payer: Option<Payer>,
    /// Where the buyer is.
    pub scene_info: Option<Scene>,
}

/// `amount`.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Amount {
    /// In fen.
    pub total: fen::Fen,
}

/// `payer`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Payer {
    /// Under the request's appid.
    pub openid: String,
}

/// `scene_info`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Scene {
    /// Required and real for H5.
    pub payer_client_ip: String,
    /// Comes back.
    pub device_id: Option<String>,
}
