"""Verbs that begin a task, and those that only seem to."""

from backend.providers.llm.builtin.vocabulary import words

# As the first word of a sentence these are orders.
PLAIN = words(
    """
    archive bleach boil chop decline delegate deprecate dig drop dry enter extract gather generate grill lock
    log load lower mount onboard peel prioritise prioritize propose raise rebase recruit refine refresh rehearse
    rerun reset rinse roast rotate scrub serve shave shut skip slice spray squash stitch tie tighten toss top
    trigger unload unlock unplug vote wake wax weigh wire zip accept activate add adjust agree analyse analyze
    announce apologise apologize apply appoint approve arrange ask assemble assign attach attend automate bake
    become begin borrow bring build buy calculate cancel check choose clarify clean clear close collect compare
    complete configure confirm congratulate connect consider contact continue convert create cut debug decide
    declutter define defrost delete deliver deploy descale describe develop disable discuss do donate download
    dust edit eat enable enrol enroll ensure evaluate examine exchange explain explore export extend feed fetch
    fill finalise finalize find finish fix follow forward get give grab grease hang harvest heat help hire
    hoover implement import improve inform inspect install introduce investigate invite iron join learn lend
    make measure meet memorise mend merge migrate modify mow negotiate notify obtain organise organize pack
    paint pay phone pick ping plant polish post prepare prune publish purchase put rake read rearrange rebook
    receive recharge recycle redeem refactor refill register reinstall remind remove rename renew reorder repair
    replace reply reschedule research reserve resolve respond restart restock restore retrieve return revise
    rewrite rotate save scan schedule sell send separate set settle sew share sharpen shorten shovel simplify
    solve sort speak stretch submit subscribe summarise summarize swap sweep switch take talk teach tell test
    throw tidy transfer translate trim try tune turn uninstall unpack unsubscribe update upgrade upload use
    vacuum validate verify wash watch weed wipe withdraw wrap write
    """
)
# Nouns as well: the next word decides.
NOUNISH = words(
    """
    answer back block book bump call commit demo estimate fork format host interview label launch lead light
    link monitor oil pin pitch port profile pull pump push record release rent rest ring roll shower source
    split stack start support survey sync tag tape trade treat type wait change charge cook copy design document
    draft draw drink drive email e-mail empty exercise file film fold frame go hand hold leave list look mail
    map message milk model move name note order outline photograph plan play practice practise present price
    print process program record report request review ride run search ship shop sign sketch sponsor stop store
    study swim text thank track train transcribe unblock visit walk warm water work
    """
)
ALL = PLAIN | NOUNISH
# After one of these words in second place the first was no order.
NO_ORDER = words(
    """
    not you we i is are was were has had have will would should could can might may isn't wasn't doesn't didn't
    didnt arrived came went felt looks looked seems seemed took got gets made makes
    """
)
# After one of these a word that may be a noun is one.
NOUN_NEXT = NO_ORDER | words("from with of by between was club number numbers list day time in and or but")
# "I must say", "I should be", "need to know": nothing to do.
NO_ACTION = words(
    """
    admit say confess be have know seem feel mean sound not never agree believe think like love hope stay die
    """
)
