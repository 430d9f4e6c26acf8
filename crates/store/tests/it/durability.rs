//! What was acknowledged is there.

use crate::{
    samples::{insert, load, order, payment, step},
    world::{World, for_each_engine},
};

for_each_engine! {
    what_was_acknowledged_is_there_after_reopening
    another_process_sees_what_was_acknowledged
}

async fn what_was_acknowledged_is_there_after_reopening(world: &World) {
    let mut written = Vec::new();
    {
        let store = world.again();
        let tasks: Vec<_> = (0..100)
            .map(|number| {
                let store = store.clone();
                tokio::spawn(async move {
                    insert(&store, &order(number)).await.unwrap();
                    step(&store, &order(number), payment("t1")).await.unwrap()
                })
            })
            .collect();
        for task in tasks {
            written.push(task.await.unwrap());
        }
    }
    let reopened = world.again();
    for order in written {
        assert_eq!(load(&reopened, &order).await, order);
    }
}

async fn another_process_sees_what_was_acknowledged(world: &World) {
    let other = world.again();
    for number in 0..10 {
        insert(&world.store, &order(number)).await.unwrap();
        assert_eq!(load(&other, &order(number)).await, order(number));
        step(&other, &order(number), payment("t1")).await.unwrap();
        assert_eq!(load(&world.store, &order(number)).await.version, 2);
    }
}
