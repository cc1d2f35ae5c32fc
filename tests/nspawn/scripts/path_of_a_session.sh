echo "$PATH" | tr : '\n' | grep -v games
