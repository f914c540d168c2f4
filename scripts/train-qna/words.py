"""What relations.txt's slots are filled with: lists of words, and names and numbers that are made up."""

LISTS = {
    'job': 'baker, teacher, nurse, doctor, farmer, pilot, painter, singer, lawyer, gardener, carpenter, plumber, driver, engineer, tailor, '
    'butcher, waiter, cook, dentist, clerk, judge, soldier, sailor, fisherman, miner, potter, printer, photographer, journalist, librarian, '
    'mechanic, electrician, firefighter, postman, barber, shoemaker, watchmaker, architect, astronomer, biologist, chemist, physicist, '
    'historian, programmer, designer, musician, dancer, actor, writer, poet, translator, secretary, cleaner, guard, police officer, '
    'bus driver, taxi driver, music teacher, truck driver, shop assistant, tour guide, software engineer, vet, surgeon, accountant, banker',
    'subject': 'physics, chemistry, biology, mathematics, history, law, medicine, music, art, economics, philosophy, geography, literature, '
    'geology, astronomy, engineering, computer science, politics, psychology, architecture, theology, linguistics, botany, archaeology',
    'hobby': 'swimming, chess, fishing, cooking, reading, painting, hiking, dancing, singing, cycling, climbing, running, sailing, gardening, '
    'knitting, skiing, photography, riding horses, collecting stamps, baking cakes, watching birds, playing cards, writing letters, '
    'driving fast cars, building model ships, listening to music, repairing old clocks, walking in the woods, drawing, travelling',
    'food': 'bread, rice, soup, fish, apple pie, pancakes, noodles, potatoes, cheese, salad, roast chicken, beef stew, tomato soup, pizza, '
    'chocolate, ice cream, honey, carrots, eggs, beans, mushrooms, cherries, strawberries, plum cake, porridge, dumplings, fried rice, '
    'lentils, spinach, sausages, ham, grilled fish, onion soup, vegetable curry, spaghetti, fish and chips, toast, nuts, pears, grapes',
    'animal': 'dog, cat, horse, parrot, rabbit, goat, pig, hamster, turtle, snake, goldfish, donkey, sheep, cow, goose, duck, hen, mouse, '
    'rat, canary, lizard, pony, fox, owl, bear, wolf, monkey, elephant, tiger, crow',
    'instrument': 'piano, violin, guitar, flute, trumpet, drums, cello, harp, organ, clarinet, accordion, saxophone, banjo, oboe, trombone, '
    'tuba, mandolin, double bass, horn, bagpipes',
    'language': 'English, French, German, Spanish, Italian, Russian, Greek, Turkish, Arabic, Chinese, Japanese, Korean, Polish, Czech, '
    'Swedish, Danish, Dutch, Finnish, Hungarian, Hindi, Swahili, Portuguese, Latin, Norwegian, Hebrew',
    'kin': 'wife, husband, brother, sister, mother, father, son, daughter, uncle, aunt, cousin, friend, neighbour, grandmother, grandfather, '
    'best friend, boss, colleague, nephew, niece, partner, doctor',
    'thing': 'bicycle, car, table, chair, lamp, clock, vase, box, boat, coat, hat, bag, knife, book, guitar, piano, ring, watch, camera, '
    'computer, telephone, mirror, carpet, sofa, bed, cupboard, desk, bottle, cup, plate, basket, umbrella, jacket, dress, scarf, shirt, '
    'ladder, hammer, kettle, oven, fridge, radio, tent, map, painting, statue, bell, key, door, bench, wallet, suitcase, toy train, kite, '
    'ball, drum, flute, violin, candle, blanket, pillow, pen, notebook, laptop, telescope, microscope, lantern, sword, necklace, '
    'sewing machine, motorcycle, shelf, bucket, saw, steam engine, light bulb, printer, tractor, ship, bridge, tower, machine, engine',
    'adjective': 'old, new, small, large, heavy, broken, beautiful, strange, wooden, red, blue, green, black, white, silver, cheap, expensive, '
    'second-hand, round, tiny, rusty, golden, electric',
    'colour': 'red, blue, green, yellow, black, white, brown, grey, orange, purple, pink, violet, turquoise, beige, golden, silver, dark blue, '
    'light green, dark red, light blue, red and white, black and white, blue and yellow',
    'haircolour': 'black, brown, blond, red, grey, white, dark brown, fair, curly, dark, golden, long black, short brown',
    'eyecolour': 'blue, green, brown, grey, dark, black, light blue',
    'material': 'wood, glass, steel, iron, plastic, leather, cotton, wool, silk, paper, stone, clay, copper, gold, silver, brass, marble, '
    'concrete, rubber, cardboard, oak, pine, ivory, aluminium, porcelain, bamboo, brick, straw, bronze, linen',
    'spot': 'kitchen, garden, cellar, library, station, market, museum, church, school, park, town hall, theatre, cinema, hospital, airport, '
    'harbour, hotel, restaurant, bakery, office, attic, living room, bedroom, bathroom, hall, garage, stable, barn, workshop, castle, '
    'bridge, river, forest, beach, zoo, post office, bank, university, gallery, stadium, café, pub, supermarket, bookshop, old mill, '
    'bus stop, city hall, concert hall, lake, swimming pool, kindergarten, cupboard, drawer, shed',
    'vehicle': 'train, car, bus, bicycle, ship, plane, boat, taxi, motorcycle, tram, ferry, truck, balloon, van, helicopter, scooter, tractor',
    'country': 'France, Germany, Spain, Italy, Poland, Sweden, Norway, Denmark, Greece, Turkey, Egypt, Kenya, Ghana, India, China, Japan, '
    'Korea, Canada, Mexico, Brazil, Chile, Peru, Australia, Austria, Switzerland, Portugal, Ireland, Scotland, Finland, Hungary, '
    'the Netherlands, Belgium, Iceland, Morocco, Vietnam, Argentina, England, Russia, Ukraine, Cuba',
    'fame': 'castle, bridge, wine, cheese, cathedral, museum, market, beach, gardens, old walls, bells, theatre, university, harbour, towers, '
    'hot springs, salt mines, roses, bread, festivals, mountains, clock tower, zoo, library, glass, chocolate, lace',
    'product': 'shoes, bicycles, cars, clocks, toys, furniture, glasses, pencils, engines, ships, computers, carpets, knives, cheese, paper, '
    'bread, medicine, tractors, pianos, tents, boots, lamps, chocolate, batteries, software, soap, tea, wine, tools, bricks, jam, robots',
    'sport': 'football, tennis, basketball, hockey, handball, volleyball, golf, rugby, cricket, badminton, table tennis, baseball',
    'month': 'January, February, March, April, May, June, July, August, September, October, November, December',
    'meal': 'breakfast, lunch, dinner, supper',
    'weekday': 'Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday',
    'daypart': 'yesterday, last summer, last week, last year, this morning, Christmas, New Year, last winter',
    'event': 'book fair, harvest festival, concert, wedding, conference, football match, exhibition, parade, film festival, dance, flower show, '
    'summer party, boat race, school play, auction, chess tournament, marathon, market, jazz festival, opening ceremony, lecture, meeting, '
    'circus, science fair, art show, wine festival, bicycle race, charity concert, carnival, workshop',
    'numeral': 'two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, fourteen, fifteen, sixteen, twenty, thirty, '
    'forty, fifty, sixty-two, twenty-one, thirty-five, a hundred, two hundred, five hundred, a thousand, three thousand',
    'noun': 'moon, winter, night, river, stranger, garden, shadow, song, island, mountain, sea, letter, star, road, storm, tree, bird, king, '
    'queen, city, dream, silence, war, stone, rain, window, child, secret, house, wolf, sun, wind, forest, heart, world, time',
}
LISTS = {kind: [word.strip() for word in words.split(',')] for kind, words in LISTS.items()}

# What real people and places are called, beside those made of syllables. A gender each, for pronouns.
FEMALE = (
    'Anna Maria Emma Sofia Julia Laura Clara Nina Eva Helen Alice Mary Jane Susan Linda Karen Lisa Nora Ida Ella Olivia Mia Lucy Grace Ruth '
    'Sarah Rachel Rosa Carmen Elena Irina Olga Vera Tanya Aisha Fatima Leila Yuki Mei Priya Ingrid Astrid Greta Marta Paula Diana Irene Joan '
    'Agnes Hanna Martha Elizabeth Margaret Catherine Charlotte Amelia Victoria Zoe Chloe Emily Marie Sophie Lena'
).split()
MALE = (
    'Tom John Peter Paul Mark David Michael James Robert William Richard Thomas Charles George Henry Edward Jack Harry Max Felix Leo Oscar '
    'Hugo Karl Otto Hans Erik Lars Sven Ivan Boris Igor Pavel Marco Luca Antonio Carlos Diego Pablo Juan Omar Ali Hassan Ahmed Kenji Hiro Wei '
    'Raj Arjun Samuel Daniel Joseph Simon Martin Frank Walter Victor Arthur Albert Isaac Adam Noah Ben Alan'
).split()
SURNAMES = (
    'Smith Jones Brown Miller Davis Wilson Taylor Clark Lewis Walker Hall Young King Wright Hill Green Baker Adams Nelson Carter Parker Evans '
    'Keller Weber Fischer Wagner Becker Hoffmann Novak Horvat Kowalski Nowak Ivanov Petrov Rossi Ferrari Romano Garcia Lopez Martinez Silva '
    'Santos Costa Larsen Hansen Olsen Berg Lund Dahl Tanaka Suzuki Sato Kim Park Lee Chen Wang Singh Patel Khan Haddad Cohen Levi Murphy Kelly'
).split()
TOWNS = (
    'London Paris Berlin Rome Madrid Vienna Prague Warsaw Oslo Stockholm Copenhagen Helsinki Dublin Lisbon Athens Budapest Zurich Geneva '
    'Hamburg Munich Cologne Milan Venice Naples Florence Barcelona Valencia Porto Lyon Marseille Brussels Amsterdam Boston Chicago Denver Seattle '
    'Toronto Montreal Lima Bogota Cairo Nairobi Lagos Delhi Mumbai Tokyo Kyoto Osaka Seoul Beijing Shanghai Sydney Melbourne Oxford Cambridge York '
    'Bristol Leeds Glasgow Edinburgh Dresden Leipzig Bremen Salzburg Krakow Riga Tallinn Moscow Kiev Istanbul'
).split()
PETS = 'Bella Rex Max Luna Coco Rocky Oscar Molly Daisy Tiger Minka Felix Whiskers Lucky Shadow Bruno Nero Fluffy Toby Socks Pepper Ginger'.split()
RIVERS = 'Thames Seine Danube Rhine Elbe Oder Po Tiber Ebro Nile Volga Loire Main Neckar Isar'.split()

FILLERS = '''
The [weather|sky] was [fine|grey|cold|bad|lovely] that [day|week|morning].
It rained [all day|for hours|in the evening].
[Nobody|No one] knew why.
Everyone was [happy|surprised|tired|quiet].
That was a long time ago.
The [birds|children] were singing in the [garden|street|park].
There is nothing else to say about it.
Some people [talked|laughed|complained] about it for [days|weeks].
The [neighbours|people in the street] [like|know] all of this.
Many things have changed since then.
It was a [quiet|busy|strange|long] [day|year|week|evening].
The newspaper wrote about it.
{P} [smiled|laughed|nodded|waited|said nothing|was late|slept well|stayed at home].
{P} and {P2} [are friends|know each other|went for a walk|had coffee together|did not agree].
{P} [talked to|called|wrote to|thanked|asked] {P2}.
{P} [knows|has heard of] {T}.
The road to {T} is [long|closed|new].
{P} likes {T} very much.
Not everybody [believes|remembers] that.
The shops [close|open] at {time}.
On {day} it [rained|snowed].
About {number} [people|visitors] came.
It cost {price}, which is [a lot|not much].
{P} bought nothing.
The {spot} was [closed|empty|full of people].
'''.strip().split('\n')

# Before a question, now and then.
PREFIXES = ['tell me, ', 'do you know: ', 'according to the text, ', 'please tell me, ', 'i want to know: ', 'so ', 'and ']
