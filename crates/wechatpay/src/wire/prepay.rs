use std::net::IpAddr;

use fen::Fen;
use jiff::Timestamp;
use serde::Serialize;

use super::beijing;
use crate::{AppId, Attach, Description, MchId, NotifyUrl, OpenId, OutTradeNo, Text};

/// Defines one product's prepay: the members that all of them have, and its own.
macro_rules! prepay {
    ($(#[$doc:meta])* $name:ident { $($(#[$own_doc:meta])* $own:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            /// The app that places the order; it has to be bound to the merchant.
            pub appid: AppId,
            /// What is bought.
            pub description: Description,
            /// The merchant's order number. A repeat has to be identical in every member.
            pub out_trade_no: OutTradeNo,
            /// The last moment at which the buyer can pay; fractions of a second are left out.
            ///
            /// The order is not closed then. Less than a minute ahead is raised to a minute; more
            /// than 7 days ahead is uncertain, because the pages contradict each other.
            pub time_expire: Option<Timestamp>,
            /// The merchant's own data, returned in queries, notifications and bills.
            pub attach: Option<Attach>,
            /// Where the notification goes.
            pub notify_url: NotifyUrl,
            /// How much, in fen; at least 1.
            pub amount: Fen,
            $($(#[$own_doc])* pub $own: $type,)*
            /// What few orders need.
            pub options: PrepayOptions,
        }

        impl $name {
            pub(crate) fn common(&self) -> Common<'_> {
                Common {
                    appid: &self.appid,
                    description: &self.description,
                    out_trade_no: &self.out_trade_no,
                    time_expire: self.time_expire,
                    attach: self.attach.as_ref(),
                    notify_url: &self.notify_url,
                    amount: self.amount,
                    options: &self.options,
                }
            }
        }
    };
}

prepay! {
    /// An order to be paid in a mini program or an official account.
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4012791897
    JsapiPrepay {
        /// The one who will pay, as `appid` knows them.
        openid: OpenId,
    }
}

prepay! {
    /// An order to be paid in an app.
    AppPrepay {}
}

prepay! {
    /// An order to be paid by scanning a QR code that the merchant shows.
    NativePrepay {}
}

prepay! {
    /// An order to be paid from a mobile browser.
    H5Prepay {
        /// The buyer's address, as the merchant sees it. The platform compares it.
        payer_client_ip: IpAddr,
        /// What the page runs in.
        h5_info: H5Info,
    }
}

/// What few orders need. The default asks for nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PrepayOptions {
    /// The coupon tag.
    pub goods_tag: Option<Text<1, 32>>,
    /// Whether the buyer may ask for an invoice from the bill.
    pub support_fapiao: Option<bool>,
    /// The goods, for coupons on single articles.
    pub detail: Option<OrderDetail>,
    /// The number of the till or device.
    pub device_id: Option<Text<1, 32>>,
    /// The shop.
    pub store_info: Option<StoreInfo>,
    /// Freeze the money for profit sharing.
    pub profit_sharing: Option<bool>,
}

/// The goods of an order; at most 6144 bytes as JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct OrderDetail {
    /// The price before discounts, in fen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_price: Option<Fen>,
    /// The number of the till's receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice_id: Option<Text<1, 32>>,
    /// The articles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub goods_detail: Vec<GoodsDetail>,
}

/// An article of an order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GoodsDetail {
    /// The merchant's number of the article.
    pub merchant_goods_id: Text<1, 32>,
    /// WeChat's number of the article.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wechatpay_goods_id: Option<Text<1, 32>>,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goods_name: Option<Text<1, 256>>,
    /// How many.
    pub quantity: u32,
    /// The price of one, in fen.
    pub unit_price: Fen,
}

/// The shop of an order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StoreInfo {
    /// The merchant's number of the shop.
    pub id: Text<1, 32>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text<1, 256>>,
    /// The code of its district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area_code: Option<Text<1, 32>>,
    /// Its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Text<1, 512>>,
}

/// What an H5 page runs in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct H5Info {
    /// The kind of page.
    #[serde(rename = "type")]
    pub kind: H5Type,
    /// The name of the app or site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_name: Option<Text<1, 64>>,
    /// Its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_url: Option<Text<1, 128>>,
    /// The bundle of an iOS app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle_id: Option<Text<1, 128>>,
    /// The package of an Android app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_name: Option<Text<1, 128>>,
}

/// The kind of an H5 page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum H5Type {
    /// A page in a browser.
    Wap,
    /// A page inside an iOS app.
    #[serde(rename = "iOS")]
    Ios,
    /// A page inside an Android app.
    Android,
}

/// The members that all products share, borrowed for one request.
pub(crate) struct Common<'a> {
    appid: &'a AppId,
    description: &'a Description,
    out_trade_no: &'a OutTradeNo,
    time_expire: Option<Timestamp>,
    attach: Option<&'a Attach>,
    notify_url: &'a NotifyUrl,
    amount: Fen,
    options: &'a PrepayOptions,
}

/// The body of a prepay. Absent members are left out: the platform refuses `null`.
#[derive(Serialize)]
pub(crate) struct Body<'a> {
    appid: &'a AppId,
    mchid: &'a MchId,
    description: &'a Description,
    out_trade_no: &'a OutTradeNo,
    #[serde(with = "beijing", skip_serializing_if = "Option::is_none")]
    time_expire: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attach: Option<&'a Attach>,
    notify_url: &'a NotifyUrl,
    #[serde(skip_serializing_if = "Option::is_none")]
    goods_tag: Option<&'a Text<1, 32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    support_fapiao: Option<bool>,
    amount: Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    payer: Option<Payer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a OrderDetail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scene_info: Option<SceneInfo<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settle_info: Option<SettleInfo>,
}

#[derive(Serialize)]
struct Amount {
    total: Fen,
    currency: &'static str,
}

#[derive(Serialize)]
struct Payer<'a> {
    openid: &'a OpenId,
}

#[derive(Serialize)]
struct SceneInfo<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    payer_client_ip: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a Text<1, 32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store_info: Option<&'a StoreInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    h5_info: Option<&'a H5Info>,
}

#[derive(Serialize)]
struct SettleInfo {
    profit_sharing: bool,
}

impl<'a> Common<'a> {
    pub(crate) fn body(&self, mchid: &'a MchId) -> Body<'a> {
        let options = self.options;
        Body {
            appid: self.appid,
            mchid,
            description: self.description,
            out_trade_no: self.out_trade_no,
            time_expire: self.time_expire,
            attach: self.attach,
            notify_url: self.notify_url,
            goods_tag: options.goods_tag.as_ref(),
            support_fapiao: options.support_fapiao,
            amount: Amount {
                total: self.amount,
                currency: "CNY",
            },
            payer: None,
            detail: options.detail.as_ref(),
            scene_info: self.scene_info(None),
            settle_info: options
                .profit_sharing
                .map(|profit_sharing| SettleInfo { profit_sharing }),
        }
    }

    fn scene_info(&self, h5: Option<(IpAddr, &'a H5Info)>) -> Option<SceneInfo<'a>> {
        let device_id = self.options.device_id.as_ref();
        let store_info = self.options.store_info.as_ref();
        let wanted = h5.is_some() || device_id.is_some() || store_info.is_some();
        wanted.then(|| SceneInfo {
            payer_client_ip: h5.map(|(address, _)| address),
            device_id,
            store_info,
            h5_info: h5.map(|(_, info)| info),
        })
    }
}

impl Body<'_> {
    pub(crate) const fn is_free(&self) -> bool {
        self.amount.total.is_zero()
    }
}

impl JsapiPrepay {
    pub(crate) fn body<'a>(&'a self, mchid: &'a MchId) -> Body<'a> {
        Body {
            payer: Some(Payer {
                openid: &self.openid,
            }),
            ..self.common().body(mchid)
        }
    }
}

impl H5Prepay {
    pub(crate) fn body<'a>(&'a self, mchid: &'a MchId) -> Body<'a> {
        let common = self.common();
        let scene_info = common.scene_info(Some((self.payer_client_ip, &self.h5_info)));
        Body {
            scene_info,
            ..common.body(mchid)
        }
    }
}
