sleep 600 & kill %1; wait %1 2>/dev/null; echo $?
timeout 0.1 sleep 5; echo $?
setsid sh -c 'sleep 0.1; touch ~/left' </dev/null >/dev/null 2>&1 &
for _ in $(seq 100); do if [ -e ~/left ]; then echo left; break; fi; sleep 0.1; done
