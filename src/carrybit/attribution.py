"""Attribution: how much of each hidden unit comes from each input so far."""
