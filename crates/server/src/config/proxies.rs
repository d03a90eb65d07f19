//! Whose word about the address of a client counts.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Problem;

/// Reads addresses and networks, separated by commas.
pub(super) fn check(given: &str) -> Result<Vec<IpNet>, Problem> {
    given
        .split(',')
        .map(str::trim)
        .filter(|proxy| !proxy.is_empty())
        .map(network)
        .collect()
}

fn network(proxy: &str) -> Result<IpNet, Problem> {
    let address = || proxy.parse().map(|address: IpAddr| IpNet::from(address));
    let network = proxy.parse().or_else(|_| address()).map_err(|_| {
        let message = format!(
            "`{proxy}` is no address and no network; write 10.0.0.5, 10.0.0.0/8 or fd00::/8, separated by commas"
        );
        Problem::new("TRUSTED_PROXIES", message)
    })?;
    if network.prefix_len() == 0 {
        let message = format!(
            "{proxy} would believe what every client says of its own address; write the addresses of the proxies"
        );
        return Err(Problem::new("TRUSTED_PROXIES", message));
    }
    Ok(network)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn addresses_and_networks_are_separated_by_commas() {
        let networks = check("10.0.0.5, 192.168.0.0/16,fd00::/8 ,2001:db8::1,").unwrap();

        let written: Vec<_> = networks.iter().map(ToString::to_string).collect();
        assert_eq!(
            written,
            ["10.0.0.5/32", "192.168.0.0/16", "fd00::/8", "2001:db8::1/128"]
        );
        assert_eq!(check(" "), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_network_or_all_of_them_is_refused() {
        for proxy in [
            "proxy.example",
            "10.0.0",
            "10.0.0.0/33",
            "10.0.0.5:80",
            "[fd00::1]",
            "*",
            "0.0.0.0/0",
            "::/0",
        ] {
            let said = check(&format!("10.0.0.5,{proxy}")).unwrap_err().to_string();
            assert!(
                said.starts_with("TRUSTED_PROXIES: ") && said.contains(proxy) && said.contains("write "),
                "{said}"
            );
        }
    }
}
