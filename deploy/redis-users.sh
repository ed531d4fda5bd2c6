#!/bin/sh
# Prints the users of the platform whose NAMESPACE is `vestibule`, as Redis reads them (aclfile): each service reaches
# the keys that it needs, with the commands that it uses. The passwords come from the environment and are kept
# as hashes.
set -eu

# entry NAME PASSWORD KEYS COMMANDS
entry() {
  hash=$(printf %s "$2" | sha256sum | cut -d ' ' -f 1)
  echo "user $1 on #$hash resetkeys resetchannels $3 -@all +ping +info $4"
}
# keys PREFIX: those of one kind; a copy's floor stands beside it, in the same slot of a cluster
keys() { echo "~vestibule:$1:*"; }
copies() { echo "~vestibule:$1:* ~{vestibule:$1:*"; }

counting='+eval +evalsha +get +del +incr +decr +pexpire +pttl'
copying='+eval +evalsha +get +set +del +pttl'

entry gateway "${GATEWAY_REDIS_PASSWORD:?}" \
  "%R~vestibule:session:* %R~vestibule:access:* $(keys rate)" "$counting +mget"
entry auth "${AUTH_REDIS_PASSWORD:?}" "$(copies session) $(keys guess) $(keys wechat)" "$counting $copying +getdel"
entry user "${USER_REDIS_PASSWORD:?}" "$(copies access)" "$copying"
entry verification "${VERIFICATION_REDIS_PASSWORD:?}" \
  "$(keys captcha) $(keys captcha-address) $(keys sms) $(keys sms-inbox) $(keys dev:captcha)" \
  "$counting +set +getdel"
entry process "${PROCESS_REDIS_PASSWORD:?}" '' ''
# Health checks, which know no password.
echo 'user health on nopass resetkeys resetchannels -@all +ping'
# Nobody can be this one; but what Redis reads back from its own file at a start is done in its name, and refused, and so
# lost, where it may not do it.
echo 'user default off resetpass ~* &* +@all'
