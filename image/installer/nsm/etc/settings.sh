# Overrides of this sensor's configuration, one `export KEY=value` a line. They win over everything else, show in
# `mss status`, and no update overwrites them. Examples:
# export emailaddress=soc@example.org
# export emailtype="text"
# export keep_514=1
