"""Words and runs of keys that people who guess passwords try first."""

_WORDS = """
    0000 000000 1111 111111 11111111 1122 112233 121212 123123 123321 1234 12345 123456 1234567 12345678 123456789
    1234567890 0987654321 987654321 87654321 7654321 654321 54321 131313 147258 147258369 159357 159753 1q2w3e 1q2w3e4r
    1q2w3e4r5t 1qaz 1qaz2wsx 2222 222222 232323 3333 333333 369369 4321 4444 444444 456789 5555 555555 654654 6666
    666666 696969 7777 777777 789456 789456123 8888 888888 9999 999999 aaaa aaaaaa abc123 abcd abcd1234 abcde abcdef
    abcdefg abcdefgh abcdefghijklmnopqrstuvwxyz abcabc access admin administrator adrien alexander alexandre amanda
    amour andrea andrew angel angela anthony apple arsenal ashley asdf asdfasdf asdfgh asdfghjkl asdfghjklm austin
    autumn avril azerty azertyuiop azertyuiopqsdfghjklm baby babygirl bailey banana baseball basketball batman
    bienvenue blink182 bonjour boomer border boston brandon buster butterfly calgary camille canada canadian canadien
    captain caroline carrefour casino cassandra changeme charlie charlotte cheese chelsea chester chicago chicken
    chocolat chocolate chouchou christian christine cookie corvette cowboy crystal daniel danielle david default
    demo diamond doctor doudou dragon eagles edmonton elizabeth emilie emma enfant england enter family fender
    ferrari fishing flower football forever france francois freedom friend friends gabriel gandalf george gibson
    ginger golden google guest guitar gunner halifax hammer hannah happy harley hello hello123 heather helpme hockey
    home hunter iloveyou internet isabelle jackson jaguar james janvier jasmine jennifer jessica jesus john johnson
    jordan jordan23 joseph joshua juillet julie junior justin killer kitty knight laptop lauren laval letmein liberty
    linkedin london looking louise loulou love lovely loveme lucky maggie mailmail maison maman manchester marine
    marlboro martin master matrix matthew maverick melanie melissa member mercedes merlin michael michel michelle
    mickey midnight miller minecraft missy money monkey monster montreal morgan motdepasse mountain mustang mylove
    naruto nathalie newyork nexus nicholas nicolas nicole nothing november oliver olivia online orange ordinateur
    ottawa pacific papa parker pascal pass password passport passeport passw0rd patricia patrick peaches peanut
    pepper phoenix pierre pirate player please pokemon police poohbear porsche prince princess princesse purple
    qazwsx qazwsxedc quebec querty qwer qwer1234 qwerty qwerty123 qwertyui qwertyuiop qwertyuiopasdfghjklzxcvbnm
    q1w2e3r4 rabbit rachel rainbow raiders ranger rebecca redsox richard robert rocket roger samantha samsung sandra
    saturn school scooter secret secure security sebastien septembre shadow shannon simone single slipknot smokey
    snoopy soccer soleil sophie sparky spider spiderman spring star starwars steelers stephanie steven sticky summer
    sunday sunshine superman superstar sweet system taylor teacher tennis test test123 testing thomas thunder tiger
    tigger toronto travel traveller trustno1 unknown vacation valentine vancouver vanessa vanille victor victoria
    viking voyage voyageur wallet warrior welcome welcome1 whatever william wilson windows winner winnipeg winter
    wizard xavier yankees yellow zaq12wsx zxcv zxcvbn zxcvbnm
"""

COMMON = frozenset(_WORDS.split())
