//! What somebody who just started the demo wants to know.

use std::path::Path;

use super::beside;
use super::phone::Phone;
use super::ports::Ports;
use super::shop::API_KEY;

pub(super) fn print(folder: &Path, ports: Ports, phone: &Phone, kept: bool) {
    print_phone(ports, phone);
    let (server, admin) = (ports.server.url(), ports.admin.url());
    let (api, control) = (ports.api.url(), ports.control.url());
    let (config, database) = (beside(folder, "shouyin.toml"), beside(folder, "shouyin.db"));
    let (server_log, sandbox_log) = (beside(folder, "shouyin.log"), beside(folder, "sandbox.log"));
    let fate = if kept {
        "kept for the next run"
    } else {
        "removed at the end; see --data"
    };
    println!(
        r#"   server         {server}      mini program, merchant, notifications
   figures        {admin}/metrics
   WeChat's face  {api}
   control plane  {control}

   configuration  {config}
   database       {database}
   logs           {server_log}
                  {sandbox_log}
   folder         {fate}

Or buy with curl and jq:

   M={control}; S={server}; J='Content-Type: application/json'
   APP=$(curl -s $M/control/merchant | jq -r .appid)
   CODE=$(curl -s $M/control/login -H "$J" -d '{{"appid":"'$APP'","user":"demo"}}' | jq -r .code)
   TOKEN=$(curl -s $S/v1/mp/login -H "$J" -d '{{"code":"'$CODE'"}}' | jq -r .token)
   curl -s $S/v1/mp/goods -H "Authorization: Bearer $TOKEN" | jq
   PLACED=$(curl -s $S/v1/mp/orders -H "Authorization: Bearer $TOKEN" -H "$J" \
      -H "Idempotency-Key: $RANDOM$RANDOM" -d '{{"goods_id":"jasmine","quantity":2}}')
   CASHIER=$(echo "$PLACED" | jq -c '.payment + {{appid:"'$APP'",user:"demo"}}' \
      | curl -s $M/control/cashier -H "$J" -d @- | jq -r .cashier_id)
   curl -s $M/control/cashier/$CASHIER/pay -H "$J" -d '{{}}'
   curl -s $S/v1/orders -H "Authorization: Bearer {API_KEY}" | jq

What the platform saw and signed over: curl -s $M/control/requests | jq
Lose all notifications:  curl -s -X PUT $M/control/faults -H "$J" \
      -d '{{"faults":[{{"on":"notification","kind":"lose"}}]}}'

Ctrl-C stops both programs."#
    );
}

/// First and by itself: this is what somebody who starts the demo wants to see.
fn print_phone(ports: Ports, phone: &Phone) {
    let page = format!("{}/phone/", ports.control.url());
    match &phone.missing {
        None => {
            println!("   open {page}\n");
            println!("   a phone with the shop's mini program on it; the password is 123456\n");
        }
        Some(missing) => println!("   {page} shows no phone yet: {missing}\n"),
    }
}
