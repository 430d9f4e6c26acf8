//! The merchant's shop: its configuration, its goods, and how a process of it starts.

use std::sync::Arc;

use domain::{AppId, Clock as _, GoodsId, MchId};
use fen::Fen;
use sandbox::MerchantInfo;
use server::{
    api,
    app::{App, Seams},
    config::Config,
};
use store::{Tx, goods};

use crate::{
    platform::Trust,
    seams::Process,
    world::{Running, World},
};

/// The key of the merchant's own systems.
pub(crate) const API_KEY: &str = "a-key-for-simulations-only-012345";

/// How many goods there are. Each intent of a buyer takes another, so that two orders of one intent
/// are seen by their description.
pub(crate) const GOODS_MAX: u32 = 400;

/// See the module.
pub(crate) struct Shop {
    pub(crate) config: Config,
    pub(crate) mch_id: MchId,
    pub(crate) app_id: AppId,
}

impl Shop {
    /// A shop that verifies WeChat by `trust`.
    ///
    /// # Errors
    /// When the account is not one.
    pub(crate) fn new(account: &MerchantInfo, trust: Trust) -> anyhow::Result<Self> {
        Ok(Self {
            config: Config::from_toml(&config_text(account, trust))?,
            mch_id: MchId::new(account.mchid.as_str())?,
            app_id: AppId::new(account.appid.as_str())?,
        })
    }

    /// One start of a server. Only wiring: nothing is read or written yet.
    ///
    /// # Errors
    /// When the keys do not fit.
    pub(crate) fn start(&self, world: &World, process: Arc<Process>) -> anyhow::Result<Running> {
        let seams = Seams {
            store: world.memory.store(&process.name, process.clone()),
            clock: Arc::new(process.clock.clone()),
            ids: Arc::new(process.ids()),
            transport: process.clone(),
            courier: process.clone(),
        };
        let app = App::new(&self.config, seams)?;
        Ok(Running {
            router: api::router(app.clone()),
            app,
            process,
        })
    }

    /// Fills the shelves.
    pub(crate) fn goods(&self, tx: &mut Tx, process: &Process) {
        for number in 0..GOODS_MAX {
            let price = 100 + i64::from(number) * 7;
            let goods = goods::Goods {
                mch_id: self.mch_id.clone(),
                goods_id: GoodsId::new(goods_id(number)).expect("letters and digits"),
                title: title(number),
                price: Fen::new(price).expect("a few yuan"),
                image: None,
                stock: None,
            };
            goods::put(tx, &goods, process.clock.now());
        }
    }
}

pub(crate) fn goods_id(number: u32) -> String {
    format!("tea-{number}")
}

fn title(number: u32) -> String {
    format!("Tea No. {number}")
}

fn config_text(account: &MerchantInfo, trust: Trust) -> String {
    let MerchantInfo {
        mchid,
        appid,
        app_secret,
        api_v3_key,
        serial_no,
        private_key_pem,
        public_key_id,
        public_key_pem,
        ..
    } = account;
    let public_key = match trust {
        Trust::Certificates => String::new(),
        Trust::PublicKey | Trust::Both => {
            format!("public_key_id = \"{public_key_id}\"\npublic_key = '''{public_key_pem}'''\n")
        }
    };
    format!(
        r#"
[server]
public_url = "https://shop.example"
[wechat]
api_url = "https://wechat.example"
backup_url = "https://backup.wechat.example"
login_url = "https://login.wechat.example"
[webhooks]
timeout_ms = 15000
[merchants.default]
mch_id = "{mchid}"
name = "Tea house"
serial_no = "{serial_no}"
private_key = '''{private_key_pem}'''
api_v3_key = "{api_v3_key}"
{public_key}api_key = "{API_KEY}"
[[merchants.default.apps]]
app_id = "{appid}"
app_secret = "{app_secret}"
"#
    )
}
