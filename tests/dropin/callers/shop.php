<?php
// A shop of 2014 in PHP: signs by itself and sends with curl, as Gekosale did (v2-requests R3).
// php shop.php BASE CONSUMER_KEY CONSUMER_SECRET USER PASSWORD [HOST:PORT CA_FILE]
// HOST:PORT is where BASE really is, for a base that DNS gives to somebody else.
[, $base, $key, $secret, $user, $password] = $argv;
$elsewhere = $argv[6] ?? null;
$authorities = $argv[7] ?? null;
$token = ['', ''];

function signed(string $method, string $path, array $parameters): array
{
    global $base, $key, $secret, $token;
    $parameters += [
        'oauth_consumer_key' => $key, 'oauth_nonce' => md5(uniqid('', true)), 'oauth_signature_method' => 'HMAC-SHA1',
        'oauth_timestamp' => (string) time(), 'oauth_version' => '1.0',
    ];
    if ($token[0] !== '') {
        $parameters['oauth_token'] = $token[0];
    }
    ksort($parameters);
    $pairs = [];
    foreach ($parameters as $name => $value) {
        $pairs[] = rawurlencode($name) . '=' . rawurlencode($value);
    }
    $text = implode('&', array_map('rawurlencode', [$method, $base . $path, implode('&', $pairs)]));
    $parameters['oauth_signature'] = base64_encode(hash_hmac('sha1', $text, "$secret&$token[1]", true));
    return $parameters;
}

function send(string $url, array $options = []): string
{
    global $base, $elsewhere, $authorities;
    $curl = curl_init($url);
    if ($elsewhere !== null) {
        $host = parse_url($base, PHP_URL_HOST);
        $options += [CURLOPT_CONNECT_TO => ["$host:443:$elsewhere"], CURLOPT_CAINFO => $authorities];
    }
    curl_setopt_array($curl, $options + [CURLOPT_RETURNTRANSFER => true, CURLOPT_USERAGENT => 'Gekosale InFakt 1.0.0']);
    $answer = curl_exec($curl);
    $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
    if ($status !== 200) {
        fwrite(STDERR, "$url: $status " . curl_error($curl) . " $answer\n");
        exit(1);
    }
    return $answer;
}

function get(string $path, array $parameters = []): array
{
    global $base;
    $query = http_build_query(signed('GET', $path, $parameters), '', '&', PHP_QUERY_RFC3986);
    return json_decode(send("$base$path?$query", [CURLOPT_HTTPHEADER => ['Content-type: application/json']]), true);
}

function post(string $path, $body): array
{
    global $base;
    $query = http_build_query(signed('POST', $path, []), '', '&', PHP_QUERY_RFC3986);
    $headers = ['Content-type: application/json', 'Expect: 100-continue'];
    $options = [CURLOPT_POSTFIELDS => json_encode($body), CURLOPT_HTTPHEADER => $headers];
    return json_decode(send("$base$path?$query", $options), true);
}

$login = signed('POST', '/oauth/access_token', [
    'x_auth_mode' => 'client_auth', 'x_auth_password' => $password, 'x_auth_username' => $user,
]);
$form = http_build_query($login, '', '&', PHP_QUERY_RFC3986);
parse_str(send("$base/oauth/access_token", [CURLOPT_POSTFIELDS => $form]), $given);
$token = [$given['oauth_token'], $given['oauth_token_secret']];

$nip = ['nip' => '9452121681', 'page' => '1', 'per_page' => '100'];
$nobody = get('/api/v2/clients.json', $nip)['clients'];
$made = post('/api/v2/clients/create.json', ['client' => ['nazwa_firmy' => 'Klient "PHP" & Synowie', 'nip' => '945-212-16-81', 'email' => 'a@example.test']]);
$client = $made['client']['client_id'];
$found = get('/api/v2/clients.json', $nip)['clients'][0]['client_id'];
post("/api/v2/clients/update/$client.json", ['firstname' => 'Anna', 'city' => 'Kraków', 'email' => 'a@example.test']);
$data = post('/api/v2/settings/user_data.json', []);

$lines = [
    ['nazwa' => 'Produkt A', 'wartosc_netto' => '99.9900', 'ilosc' => '2.00', 'stawka_vat' => 23],
    ['nazwa' => 'Książka', 'wartosc_netto' => '20.0000', 'ilosc' => '1.00', 'stawka_vat' => 5],
];
$invoice = [
    'status' => 'wysłana', 'uwagi' => 'Zamówienie: 17', 'rodzaj_faktury' => 'Faktura VAT', 'sposob_platnosci' => 'Przelew',
    'client_id' => $client, 'zaplacono' => '0.00', 'podpis_sprzedawcy' => 'Jan Kowalski', 'services' => $lines,
];
$answer = post('/api/v2/invoices/create.json', ['invoice' => $invoice]);
$number = $answer['invoice_id']['invoice_id'];
get('/api/v2/invoices/deliver.json', ['type' => 'mail', 'doc_type' => 'org', 'id' => (string) $number]);
$link = get('/api/v2/invoices/pdf.json', ['doc_type' => 'KOPIA', 'id' => (string) $number])['pdf'];
$agent = 'Mozilla/4.0 (compatible; MSIE 5.01; Windows NT 5.0)';
$papers = [];
foreach ([1, 2] as $_) {
    $papers[] = substr(send($link, [CURLOPT_FOLLOWLOCATION => true, CURLOPT_USERAGENT => $agent]), 0, 4);
}
$shown = get('/api/v2/invoices/show.json', ['id' => (string) $number])['invoice'];

echo json_encode([
    'nobody' => $nobody, 'found' => $found === $client, 'numer' => $answer['invoice_id']['numer'] !== '', 'uwagi' => $shown['uwagi'],
    'brutto' => $shown['razem_brutto'], 'pdf' => $papers, 'user_data' => isset($data['user_data']), 'link' => $link,
]);
