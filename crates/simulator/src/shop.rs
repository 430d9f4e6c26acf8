//! The merchant's shop: its configuration, its goods, and how a process of it starts.

use std::sync::{Arc, Mutex, PoisonError};

use domain::{AppId, Clock as _, GoodsId, MchId, Millis};
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
    /// As a server reads it that starts now.
    config: Mutex<Config>,
    trust: Trust,
    pub(crate) mch_id: MchId,
    pub(crate) app_id: AppId,
    pub(crate) first_api_v3_key: String,
}

impl Shop {
    /// A shop that verifies WeChat by `trust`.
    ///
    /// # Errors
    /// When the account is not one.
    pub(crate) fn new(account: &MerchantInfo, trust: Trust) -> anyhow::Result<Self> {
        Ok(Self {
            config: Mutex::new(Config::from_toml(&config_text(account, trust, None))?),
            mch_id: MchId::new(account.mchid.as_str())?,
            app_id: AppId::new(account.appid.as_str())?,
            first_api_v3_key: account.api_v3_key.clone(),
            trust,
        })
    }

    /// The configuration of now.
    pub(crate) fn config(&self) -> Config {
        let config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        config.clone()
    }

    /// Writes the account's new APIv3 key into the configuration; the first one opens until then.
    ///
    /// # Errors
    /// When the account is not one.
    pub(crate) fn take_new_key(&self, account: &MerchantInfo, until: Millis) -> anyhow::Result<()> {
        let former = Some((self.first_api_v3_key.as_str(), until));
        let changed = Config::from_toml(&config_text(account, self.trust, former))?;
        *self.config.lock().unwrap_or_else(PoisonError::into_inner) = changed;
        Ok(())
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
        let app = App::new(&self.config(), seams)?;
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

fn config_text(account: &MerchantInfo, trust: Trust, former: Option<(&str, Millis)>) -> String {
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
    let former = former.map_or_else(String::new, |(key, until)| {
        let until = until.rfc3339();
        format!("previous_api_v3_key = \"{key}\"\nprevious_api_v3_key_until = \"{until}\"\n")
    });
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
{former}{public_key}api_key = "{API_KEY}"
[[merchants.default.apps]]
app_id = "{appid}"
app_secret = "{app_secret}"
"#
    )
}
