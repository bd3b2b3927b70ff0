# A cron job of 2013 in Ruby: signs with the oauth gem, header and form, as kozak/cm did (v2-requests R1, R2).
# ruby shop.rb BASE CONSUMER_KEY CONSUMER_SECRET USER PASSWORD
require "json"
require "net/http"
require "oauth"

base, key, secret, user, password = ARGV
consumer = OAuth::Consumer.new(key, secret, site: base, access_token_path: "/oauth/access_token")
login = { x_auth_mode: "client_auth", x_auth_username: user, x_auth_password: password }
token = consumer.get_access_token(nil, {}, login)
JSON_TYPE = { "Content-Type" => "application/json" }

def read(answer)
  raise "#{answer.code}: #{answer.body}" unless answer.code == "200"

  JSON.parse(answer.body)
end

client = { client: { nazwa_firmy: "Klient z Rubiego", miejscowosc: "Łódź", nip: "945-212-16-81" } }
client_id = read(token.post("/api/v2/clients/create.json", client.to_json, JSON_TYPE))["client"]["client_id"]
found = read(token.get("/api/v2/clients.json?nip=9452121681&page=1&per_page=100"))["clients"]

line = { nazwa: "Usługa & spółka", ilosc: 2, stawka_vat: 23, cena_netto: "100.00" }
invoice = { client_id: client_id, status: "wydrukowana", rodzaj_faktury: "Faktura VAT",
            sposob_platnosci: "Gotówka", uwagi: "zażółć \"gęślą\" + jaźń", services: [line] }
made = read(token.post("/api/v2/invoices/create.json", { invoice: invoice }.to_json, JSON_TYPE))
number = made["invoice"]["invoice_id"]

# The same as a form: brackets and spaces as the gem encodes them.
form = invoice.reject { |name, _| name == :services }.to_h { |name, value| ["invoice[#{name}]", value.to_s] }
line.each { |name, value| form["invoice[services][][#{name}]"] = value.to_s }
form["invoice[uwagi]"] = "z formularza"
second = read(token.post("/api/v2/invoices/create.json", form))["invoice"]["invoice_id"]

shown = read(token.get("/api/v2/invoices/show/#{number}.json"))["invoice"]
paid = read(token.get("/api/v2/invoices/paid.json?id=#{number}"))
listed = read(token.get("/api/v2/invoices/list.json?per_page=100"))["invoices"]
link = read(token.get("/api/v2/invoices/pdf.json?doc_type=angpol&id=#{number}"))["pdf"]
paper = Net::HTTP.get_response(URI(link))
deleted = read(token.post("/api/v2/invoices/delete/#{second}.json"))
xml = token.get("/api/v2/invoices/show/#{number}.xml").body

puts JSON.generate(
  found: found.map { |one| one["client_id"] } == [client_id], uwagi: shown["uwagi"], brutto: shown["razem_brutto"],
  paid: paid["invoice"]["invoice_id"] == number, listed: listed.map { |one| one["invoice_id"] }.sort == [number, second].sort,
  pdf: paper.body[0, 4], deleted: deleted["invoice"]["invoice_id"] == second, xml: xml.include?("<invoice_id>#{number}</invoice_id>")
)
