//! What glass-easel accepts and WeChat's `wcc` refuses, or prints differently. Each row was tried
//! with both.

use crate::folder::{codes, compile, lines, page};

#[test]
fn what_wcc_refuses_is_an_error() {
    let rows = [
        // Operators.
        ("<view>{{a ?? b}}</view>", "unsupported-expression"),
        ("<view>{{typeof a}}</view>", "unsupported-expression"),
        ("<view>{{void 0}}</view>", "unsupported-expression"),
        ("<view>{{a instanceof b}}</view>", "unsupported-expression"),
        ("<view>{{a?.b}}</view>", "unsupported-expression"),
        ("<view>{{a in b}}</view>", "unsupported-expression"),
        ("<view>{{a = 1}}</view>", "unsupported-expression"),
        ("<view>{{a++}}</view>", "unsupported-expression"),
        ("<view>{{a ** b}}</view>", "unsupported-expression"),
        ("<view>{{new A}}</view>", "unsupported-expression"),
        ("<view>{{`a`}}</view>", "unsupported-expression"),
        ("<view>{{/a/}}</view>", "unsupported-expression"),
        ("<view>{{() => 1}}</view>", "unsupported-expression"),
        ("<view>{{a, b}}</view>", "unsupported-expression"),
        ("<view a='{{[...b]}}' />", "unsupported-expression"),
        ("<view a='{{...b}}' />", "unsupported-expression"),
        // Quotes.
        (r#"<view class="{{a ? "x" : "y"}}" />"#, "nested-quotes"),
        ("<view a=b />", "unquoted-attribute"),
        ("<view a={{b}} />", "unquoted-attribute"),
        // Shape.
        ("<view wx:else>a</view>", "else-without-if"),
        ("<view wx:elif='{{a}}'>a</view>", "else-without-if"),
        ("<view wx:if='{{a}}' />x<view wx:else />", "else-without-if"),
        ("<view>a", "missing-end-tag"),
        ("<input>", "missing-end-tag"),
        ("a</view>", "stray-end-tag"),
        ("<view a.b='1' />", "wxml-syntax"),
        ("<view @tap='a' />", "wxml-syntax"),
        ("<view>{{a}</view>", "wxml-syntax"),
        ("<wxs>var a = 1;</wxs>", "wxml-syntax"),
        // Accepted by both, and dead on a phone.
        ("<view>{{a.toFixed(2)}}</view>", "call-on-data"),
        ("<view>{{f(1)}}</view>", "call-on-data"),
        ("<view>{{a.b[c].d(1)}}</view>", "call-on-data"),
    ];
    for (wxml, code) in rows {
        let found = codes(&page(wxml));
        assert!(
            found.contains(&format!("error {code}")),
            "{wxml}: {found:?}"
        );
    }
}

#[test]
fn what_differs_is_a_warning() {
    let rows = [
        ("<view a='1' a='2' />", "duplicate-attribute"),
        ("<view>{{}}</view>", "empty-expression"),
        ("<view on:tap='a' />", "unknown-prefix"),
        ("<view let:x='a' />", "unknown-prefix"),
        ("<view wx:foo='a' />", "unknown-prefix"),
        ("<view bindtap='a' catchtap='b' />", "two-handlers"),
        ("<view bindtap='a' bind:tap='b' />", "two-handlers"),
        ("<view>{{null}}</view>", "null-in-text"),
        (r"<view>a\nb</view>", "escape-in-text"),
        ("<view>&nbsp;</view>", "entity-in-text"),
        ("<view wx:for='{{a}}'>{{item}}</view>", "missing-key"),
        ("<picker mode='region' />", "unsupported-attribute"),
    ];
    for (wxml, code) in rows {
        assert_eq!(codes(&page(wxml)), [format!("warning {code}")], "{wxml}");
    }
}

#[test]
fn what_both_accept_is_accepted() {
    let rows = [
        "<view class='{{a ? \"x\" : \"y\"}}' />",
        r#"<view class="a {{b ? 'x' : 'y'}}" hidden="{{!c}}" />"#,
        "<view>{{a | b}} {{a & b}} {{a << b}} {{~a}} {{-a}} {{!a}} {{a % 2}}</view>",
        "<view>{{a === b && c !== d || e >= f}}</view>",
        "<view>{{[1, 2].length}} {{'a' + b}} {{\"x\"}} {{a.b.c[d]}}</view>",
        "<view a='{{ {b: 1, c: [2]} }}' />",
        "<view wx:if='{{a}}' />\n<!-- x -->\n<view wx:elif='{{b}}' /><view wx:else />",
        "<view wx:for='{{a}}' wx:for-item='b' wx:for-index='i' wx:key='*this'>{{b}}</view>",
        "<view bind:tap='a' capture-bind:tap='b' mark:x='1' data-a='{{1}}' model:value='{{v}}' />",
        "<text decode>&nbsp;</text>",
        "<view>{{'}}'}} {{'{{'}} a < b {{a < b}}</view>",
        "<template name='t'>{{a}}</template><template is='t' data='{{...o, a: 1}}' />",
        "<template name='t' /><template is='{{b}}' data='{{a}}' />",
        "<wxs module='m'>module.exports = {f: function (a) {}}</wxs>{{m.f(a)}}{{m.g.h(1)}}",
        "<wxs module='m'>module.exports = function () {} // the end</wxs><view a='{{m(1)}}' />",
        "<block wx:if='{{a}}'><slot name='b' /></block>",
        "<view>{{item.of}} {{a.new}} {{ {in: 1}.in }}</view>",
    ];
    for wxml in rows {
        assert_eq!(lines(&page(wxml)), Vec::<String>::new(), "{wxml}");
    }
}

#[test]
fn tags_that_the_phone_lacks_are_named_with_their_place() {
    let rows = [
        ("<view>\n  <map />\n</view>", "虚拟手机不支持 <map>"),
        ("<view>\n  <div></div></view>", "请用 <view>"),
        ("<view>\n  <price-tag /></view>", "usingComponents"),
        ("<view>\n  <web-view /></view>", "虚拟手机不支持"),
    ];
    for (wxml, words) in rows {
        let compiled = page(wxml);
        assert_eq!(
            lines(&compiled),
            ["error unsupported-tag pages/a/index.wxml:2:3"],
            "{wxml}"
        );
        assert!(
            compiled.issues[0].zh.contains(words),
            "{}",
            compiled.issues[0].zh
        );
    }
}

#[test]
fn every_built_in_tag_is_accepted() {
    let tags = "block button checkbox checkbox-group form icon image input label navigator picker \
                progress radio radio-group scroll-view slot swiper swiper-item switch text \
                textarea view";
    for tag in tags.split_whitespace() {
        assert_eq!(
            lines(&page(&format!("<{tag}></{tag}>"))),
            Vec::<String>::new(),
            "{tag}"
        );
    }
}

#[test]
fn columns_count_as_editors_do() {
    let found = lines(&page("<view>金额：😀<div /></view>"));
    assert_eq!(found, ["error unsupported-tag pages/a/index.wxml:1:12"]);
}

#[test]
fn templates_are_imported_included_and_found() {
    let good = compile(&[
        (
            "pages/a/index.wxml",
            "<import src='../../t/card.wxml' /><include src='/t/foot' />\
             <template is='card' data='{{a}}' />",
        ),
        (
            "t/card.wxml",
            "<template name='card'><view>{{a}}</view></template>",
        ),
        ("t/foot.wxml", "<view>foot</view>"),
    ]);
    assert_eq!(lines(&good), Vec::<String>::new());
    for key in ["G[\"t/card\"]", "G[\"t/foot\"]", "G[\"pages/a/index\"]"] {
        assert!(good.bundle.contains(key), "{key}");
    }
    let bad = compile(&[(
        "pages/a/index.wxml",
        "<import src='./no.wxml' />\n<include src='../../../x' />\n<template is='card' />",
    )]);
    assert_eq!(
        lines(&bad),
        [
            "error missing-file pages/a/index.wxml:1:9",
            "error bad-path pages/a/index.wxml:2:10",
            "error missing-template pages/a/index.wxml:3:1",
        ]
    );
}
