//! Keys for simulations: refused by every program that was not built for them.

#[cfg(not(feature = "simulation"))]
mod in_a_program_that_may_serve {
    use wechatpay::crypto::{KeyError, PrivateKey, PublicKey};

    fn pem(kind: &str) -> String {
        let body = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let (begin, end) = ("-----BEGIN SIMULATED", "-----END SIMULATED");
        format!("{begin} {kind}-----\n{body}\n{end} {kind}-----\n")
    }

    #[test]
    fn keys_for_simulations_are_refused_by_name() {
        let is_named = |error: &KeyError| match error {
            KeyError::WrongKind { found, .. } => found.contains("simulations"),
            _ => false,
        };
        assert!(is_named(
            &PrivateKey::from_pem(&pem("PRIVATE KEY")).unwrap_err()
        ));
        assert!(is_named(
            &PublicKey::from_pem(&pem("PUBLIC KEY")).unwrap_err()
        ));
    }
}

#[cfg(feature = "simulation")]
mod in_a_simulation {
    use wechatpay::crypto::{KeyError, PrivateKey, PublicKey, SignatureError};

    #[test]
    fn a_simulated_signature_holds_for_its_message_and_key_only() {
        let key = PrivateKey::simulated([7; 32]);
        let signature = key.sign(b"message");
        assert_eq!(signature, key.sign(b"message"));
        let public = key.public_key();
        assert_eq!(public.verify(b"message", &signature), Ok(()));
        assert_eq!(
            public.verify(b"massage", &signature),
            Err(SignatureError::Mismatch)
        );
        let other = PrivateKey::simulated([8; 32]).public_key();
        assert_eq!(
            other.verify(b"message", &signature),
            Err(SignatureError::Mismatch)
        );
        assert_eq!(
            public.verify(b"message", "WECHATPAY/SIGNTEST/x"),
            Err(SignatureError::Probe)
        );
        assert_ne!(public, other);
    }

    #[test]
    fn simulated_keys_travel_as_pem_texts() {
        let text = PrivateKey::simulated_pem([7; 32]);
        assert!(text.starts_with("-----BEGIN SIMULATED PRIVATE KEY-----"));
        let key = PrivateKey::from_pem(&text).unwrap();
        let public = PublicKey::from_pem(&key.public_key().to_pem()).unwrap();
        assert_eq!(public.verify(b"message", &key.sign(b"message")), Ok(()));
        let short = text.replace("BwcHBwcH", "");
        assert!(matches!(
            PrivateKey::from_pem(&short),
            Err(KeyError::Damaged { .. })
        ));
    }

    #[test]
    fn a_simulated_key_is_no_rsa_key() {
        let simulated = PrivateKey::simulated([7; 32]);
        let real = PrivateKey::generate();
        let signature = simulated.sign(b"message");
        assert!(real.public_key().verify(b"message", &signature).is_err());
        assert!(
            simulated
                .public_key()
                .verify(b"message", &real.sign(b"message"))
                .is_err()
        );
        assert!(simulated.public_key().encrypt_oaep(b"secret").is_err());
        let sealed = real.public_key().encrypt_oaep(b"secret").unwrap();
        assert!(simulated.decrypt_oaep(&sealed).is_err());
    }
}
